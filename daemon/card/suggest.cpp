#include <algorithm>

#include "daemon/card/suggest_parts.h"
#include "daemon/core/ref.h"
#include "daemon/weights/inside_path.h"

namespace owrd::card {
namespace {

constexpr std::size_t kSmallFileBytes = 1 << 20;
constexpr std::size_t kPackedRefsLimitBytes = 16 << 20;

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

/// The commit that a name stands for in .git/packed-refs: "<commit> refs/heads/main".
std::string packed_commit(std::string_view refs, const std::string& name) {
  const auto at = refs.find(" " + name + "\n");
  return at == refs.npos || at < 40 ? "" : std::string(refs.substr(at - 40, 40));
}

std::string commit_of_clone(const Snapshot& snapshot) {
  constexpr std::string_view kName = "ref: ";
  const auto head = snapshot.read(".git/HEAD", kSmallFileBytes);
  if (!head) return "";
  const auto line = first_line(*head);
  if (!line.starts_with(kName)) return std::string(line);
  const std::string name(line.substr(kName.size()));
  if (!weights::is_inside_path(name)) return "";
  if (const auto loose = snapshot.read(".git/" + name, kSmallFileBytes))
    return std::string(first_line(*loose));
  const auto packed = snapshot.read(".git/packed-refs", kPackedRefsLimitBytes);
  return packed ? packed_commit(*packed, name) : "";
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The url of [remote "origin"] in .git/config (git-config(1)).
std::string remote_of_clone(const Snapshot& snapshot) {
  const auto config = snapshot.read(".git/config", kSmallFileBytes);
  std::string_view rest = config ? std::string_view(*config) : std::string_view();
  bool is_origin = false;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with('[')) is_origin = line == "[remote \"origin\"]";
    const auto equals = line.find('=');
    if (is_origin && equals != line.npos && trimmed(line.substr(0, equals)) == "url")
      return std::string(trimmed(line.substr(equals + 1)));
  }
  return "";
}

void suggest_origin(const Snapshot& snapshot, Suggested& out) {
  const auto origin = find_origin(snapshot);
  if (!origin) return;
  out.said.add_upstream(origin->purl);
  out.found.push_back("upstream: " + origin->purl);
  if (!is_valid_name(origin->name)) return;
  out.said.set_model(origin->name);
  out.found.emplace_back("model: by its upstream");
}

std::optional<FrontMatter> read_card(const Snapshot& snapshot, Suggested& out) {
  const auto text = snapshot.read("README.md", kCardLimitBytes);
  if (!text) return std::nullopt;
  auto card = parse_front_matter(*text);
  if (card) return *std::move(card);
  out.passed_over.push_back(card.error().message);
  return std::nullopt;
}

}  // namespace

bool has_file(const Snapshot& snapshot, std::string_view path) {
  const auto files = snapshot.files();
  return std::any_of(files.begin(), files.end(),
                     [&](const SnapshotFile& file) { return file.path == path; });
}

std::optional<Origin> find_origin(const Snapshot& snapshot) {
  if (auto origin = origin_of_cache(snapshot.location())) return origin;
  return origin_of_remote(remote_of_clone(snapshot), commit_of_clone(snapshot));
}

Suggested suggest(const Snapshot& snapshot) {
  Suggested out;
  suggest_origin(snapshot, out);
  const auto card = read_card(snapshot, out);
  if (card) {
    out.card = card_facts(*card);
    suggest_from_card(*card, out);
  }
  suggest_adapter_base(snapshot, out);
  suggest_eval_results(snapshot, out);
  suggest_license(snapshot, card.value_or(FrontMatter{}), out);
  suggest_from_weights(snapshot, out);
  return out;
}

}  // namespace owrd::card
