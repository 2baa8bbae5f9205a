#include "daemon/card/hub_names.h"

#include <algorithm>

namespace owrd::card {
namespace {

constexpr std::size_t kMaxPartBytes = 96;

bool is_hex(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

bool is_word(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z') || letter == '.' || letter == '_' || letter == '-';
}

bool is_part(std::string_view part) {
  const auto is_edge = [](char letter) { return letter == '-' || letter == '.'; };
  return !part.empty() && part.size() <= kMaxPartBytes && !is_edge(part.front()) &&
         !is_edge(part.back()) && std::all_of(part.begin(), part.end(), is_word) &&
         part.find("--") == part.npos && part.find("..") == part.npos && !part.ends_with(".git");
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// What is behind the last '/', taken off the path.
std::string_view take_last(std::string_view& path) {
  const auto part = last_part(path);
  path.remove_suffix(std::min(path.size(), part.size() + 1));
  return part;
}

/// The host and the path of an address: of "https://user:word@hf.co/a/b.git" and of
/// "git@hf.co:a/b".
struct Address {
  std::string_view host, path;
};

std::optional<Address> parse_address(std::string_view url) {
  constexpr std::string_view kSchemes[] = {"https://", "http://", "ssh://", "git://"};
  char behind_host = ':';
  for (const auto scheme : kSchemes)
    if (url.starts_with(scheme)) {
      url.remove_prefix(scheme.size());
      behind_host = '/';
    }
  const auto end = url.find(behind_host);
  if (end == url.npos || url.substr(0, end).find('/') != url.npos) return std::nullopt;
  if (url.substr(end + 1).starts_with("//")) return std::nullopt;  // A scheme that is not known.
  auto host = url.substr(0, end);
  host.remove_prefix(host.rfind('@') + 1);
  auto path = url.substr(end + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  const auto is_plain = [](char letter) { return is_word(letter) || letter == ':'; };
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_plain)) return std::nullopt;
  return Address{host, path};
}

bool is_path(std::string_view path) {
  return !path.empty() && std::all_of(path.begin(), path.end(),
                                      [](char letter) { return is_word(letter) || letter == '/'; });
}

}  // namespace

bool is_commit(std::string_view text) {
  return text.size() == 40 && std::all_of(text.begin(), text.end(), is_hex);
}

bool is_repository(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return is_part(text);
  return is_part(text.substr(0, slash)) && is_part(text.substr(slash + 1));
}

bool is_full_repository(std::string_view text) {
  return text.find('/') != text.npos && is_repository(text);
}

std::optional<Origin> origin_of_cache(std::string_view location) {
  while (location.ends_with('/')) location.remove_suffix(1);
  const auto commit = take_last(location);
  if (!is_commit(commit) || take_last(location) != "snapshots") return std::nullopt;
  std::string repository(take_last(location));
  if (!repository.starts_with("models--")) return std::nullopt;
  repository.erase(0, std::string_view("models--").size());
  if (const auto gap = repository.find("--"); gap != repository.npos)
    repository.replace(gap, 2, "/");
  if (!is_repository(repository)) return std::nullopt;
  return Origin{"pkg:huggingface/" + repository + "@" + std::string(commit),
                std::string(last_part(repository))};
}

std::optional<Origin> origin_of_remote(std::string_view url, std::string_view commit) {
  const auto address = parse_address(url);
  if (!address || !is_commit(commit)) return std::nullopt;
  const auto at = "@" + std::string(commit);
  const std::string path(address->path);
  const std::string name(last_part(path));
  const bool is_hub = address->host == "huggingface.co" || address->host == "hf.co";
  if (is_hub && is_repository(path)) return Origin{"pkg:huggingface/" + path + at, name};
  if (address->host == "github.com" && is_full_repository(path))
    return Origin{"pkg:github/" + path + at, name};
  if (!is_path(path)) return std::nullopt;
  return Origin{"git+https://" + std::string(address->host) + "/" + path + at, name};
}

}  // namespace owrd::card
