#include <algorithm>
#include <optional>

#include "daemon/core/text.h"
#include "daemon/release/torrent.h"

namespace owrd::release {
namespace {

constexpr std::size_t kMaxLinkBytes = 64 * 1024;
constexpr std::string_view kScheme = "magnet:?";
constexpr std::string_view kV2Topic = "urn:btmh:";
constexpr std::string_view kV1Topic = "urn:btih:";
// The multihash prefix of SHA-256: its code and its length.
constexpr std::string_view kSha256Prefix = "1220";

constexpr auto kCopyItAgain =
    "copy the whole link that owrd publish printed, and put it between single quotes";

Error invalid(const std::string& what, const std::string& hint = kCopyItAgain) {
  return Error{ErrorCode::InvalidInput, "magnet link: " + what, hint};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// Leaves RFC 3986's unreserved characters and those of `keep`.
std::string percent_encode(std::string_view text, std::string_view keep) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved.find(c) != kUnreserved.npos || keep.find(c) != keep.npos)
      out += c;
    else
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

/// "tr.2" is another "tr", as some clients number what is there more than once.
std::string_view without_number(std::string_view key) {
  const auto dot = key.rfind('.');
  if (dot == key.npos || dot + 1 == key.size()) return key;
  const auto number = key.substr(dot + 1);
  const bool is_number =
      std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? key.substr(0, dot) : key;
}

bool is_webtorrent(std::string_view tracker) {
  return tracker.starts_with("ws://") || tracker.starts_with("wss://");
}

/// What of a link has been read so far.
class LinkReader {
 public:
  Result<> read(std::string_view parameter) {
    const auto equals = parameter.find('=');
    if (equals == parameter.npos) return Done{};
    const auto key = without_number(parameter.substr(0, equals));
    if (key != "xt" && key != "dn" && key != "x.pe" && key != "tr") return Done{};
    std::string raw(parameter.substr(equals + 1));
    // Links made by web forms write a space as '+'.
    if (key == "dn") std::replace(raw.begin(), raw.end(), '+', ' ');
    auto value = percent_decode(raw);
    if (!value) return invalid("bad %-escape in " + std::string(key));
    if (key == "xt") return read_topic(*value);
    if (key == "dn") return read_name(*value);
    return key == "tr" ? read_tracker(*value) : read_peer(*value);
  }

  Result<Magnet> finish() {
    if (has_v1_ && infohash_)
      return invalid("names a v1 infohash beside the v2 one (a hybrid torrent); owrd takes v2 only",
                     "ask the publisher for a link with urn:btmh alone, or for the .owr bundle");
    if (has_v1_)
      return invalid("is a BitTorrent v1 link; owrd takes v2 only",
                     "ask the publisher for a link with urn:btmh, or for the .owr bundle");
    if (!infohash_) return invalid("has no xt=urn:btmh:…, the infohash of a v2 torrent");
    return Magnet{*infohash_, std::move(name_).value_or(""), std::move(peers_),
                  std::move(trackers_)};
  }

 private:
  Result<> read_topic(const std::string& topic) {
    const auto lower = ascii_lower(topic);
    if (lower.starts_with(kV1Topic)) has_v1_ = true;
    if (!lower.starts_with(kV2Topic)) return Done{};
    const auto multihash = std::string_view(lower).substr(kV2Topic.size());
    const auto infohash = multihash.starts_with(kSha256Prefix)
                              ? Digest::from_hex(multihash.substr(kSha256Prefix.size()))
                              : Result<Digest>(invalid(""));
    if (!infohash) return invalid("expected urn:btmh:1220 and 64 hex digits, got " + quoted(topic));
    if (infohash_ && *infohash_ != *infohash) return invalid("names two different torrents");
    infohash_ = *infohash;
    return Done{};
  }

  Result<> read_name(std::string& name) {
    if (!is_plain_line(name)) return invalid("its name (dn) is not one line of plain text");
    if (!name_) name_ = std::move(name);
    return Done{};
  }

  Result<> read_peer(std::string& peer) {
    if (std::ssize(peers_) == kMaxPeers) return invalid("names more than 50 peers");
    if (auto checked = check_endpoint(peer); !checked) return invalid(checked.error().message);
    peers_.push_back(std::move(peer));
    return Done{};
  }

  Result<> read_tracker(std::string& tracker) {
    if (is_webtorrent(tracker)) return Done{};
    if (std::ssize(trackers_) == kMaxTrackers) return invalid("names more than 32 trackers");
    if (auto checked = check_tracker(tracker); !checked) return invalid(checked.error().message);
    trackers_.push_back(std::move(tracker));
    return Done{};
  }

  std::optional<Digest> infohash_;
  bool has_v1_ = false;
  std::optional<std::string> name_;
  std::vector<std::string> peers_;
  std::vector<std::string> trackers_;
};

}  // namespace

Result<Magnet> parse_magnet(std::string_view link) {
  if (link.size() > kMaxLinkBytes) return invalid("is longer than 64 KiB");
  if (ascii_lower(link.substr(0, kScheme.size())) != kScheme)
    return invalid("does not begin with magnet:?");

  LinkReader reader;
  auto rest = link.substr(kScheme.size());
  for (;;) {
    const auto end = rest.find('&');
    if (auto read = reader.read(rest.substr(0, end)); !read) return read.error();
    if (end == rest.npos) return reader.finish();
    rest.remove_prefix(end + 1);
  }
}

std::string to_string(const Magnet& magnet) {
  std::string link = "magnet:?xt=urn:btmh:1220" + magnet.infohash.to_hex();
  if (!magnet.name.empty()) link += "&dn=" + percent_encode(magnet.name, "");
  // libtorrent does not decode x.pe, so its punctuation stays as it is.
  for (const auto& peer : magnet.peers) link += "&x.pe=" + percent_encode(peer, ":[]");
  for (const auto& tracker : magnet.trackers) link += "&tr=" + percent_encode(tracker, "");
  return link;
}

}  // namespace owrd::release
