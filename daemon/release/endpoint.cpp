#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "daemon/core/text.h"
#include "daemon/release/torrent.h"

namespace owrd::release {
namespace {

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kMaxUrlBytes = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return false;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return false;
  return std::stoul(std::string(text)) <= 65535;
}

bool is_address(int family, std::string_view text) {
  if (text.find('\0') != text.npos) return false;  // Where inet_pton() would stop reading.
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(family, std::string(text).c_str(), address) == 1;
}

// RFC 1123 host names, and the underscore that is met in practice.
bool is_host_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  for (;;) {
    const auto dot = host.find('.');
    const auto label = host.substr(0, dot);
    if (!is_host_label(label)) return false;
    // A last label of digits alone is an address, or a bad one.
    if (dot == host.npos) return !std::all_of(label.begin(), label.end(), is_digit);
    host.remove_prefix(dot + 1);
  }
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return is_address(AF_INET6, host.substr(1, host.size() - 2));
  return is_address(AF_INET, host) || is_host_name(host);
}

bool is_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon != text.npos && is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

Error tracker_error(std::string_view url, const char* fault) {
  return Error{ErrorCode::InvalidInput, "tracker " + quoted(url) + ": " + fault,
               "such as https://tracker.example/announce or udp://tracker.example:6969/announce"};
}

}  // namespace

Result<> check_endpoint(std::string_view text) {
  if (is_endpoint(text)) return Done{};
  return Error{ErrorCode::InvalidInput,
               "peer " + quoted(text) + ": expected HOST:PORT, 1.2.3.4:PORT or [IPV6]:PORT",
               "such as 203.0.113.7:29170"};
}

Result<> check_tracker(std::string_view url) {
  if (url.size() > kMaxUrlBytes) return tracker_error(url, "is longer than 1024 bytes");
  const bool is_visible =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!is_visible) return tracker_error(url, "holds spaces or characters that need %-escapes");

  const auto scheme_end = url.find("://");
  const auto scheme = url.substr(0, scheme_end);
  if (scheme_end == url.npos || (scheme != "http" && scheme != "https" && scheme != "udp"))
    return tracker_error(url, "expected http://, https:// or udp://");
  const auto rest = url.substr(scheme_end + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != authority.npos) return tracker_error(url, "holds a user name");
  if (is_endpoint(authority)) return Done{};
  if (scheme == "udp") return tracker_error(url, "expected udp://HOST:PORT");
  if (!is_host(authority)) return tracker_error(url, "names no valid host and port");
  return Done{};
}

}  // namespace owrd::release
