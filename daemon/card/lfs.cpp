#include "daemon/card/lfs.h"

#include <charconv>

#include "daemon/card/hub_names.h"

namespace owrd::card {
namespace {

constexpr std::size_t kPointerLimitBytes = 1024;
constexpr std::size_t kMetadataLimitBytes = 4096;

/// Takes the next line off `text`; empty behind the last.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t size = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, problem] = std::from_chars(digits.data(), end, size);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return size;
}

std::optional<Digest> digest_of(std::string_view hex) {
  const auto digest = Digest::from_hex(hex);
  if (!digest) return std::nullopt;
  return *digest;
}

std::optional<Digest> pointed_at(const Snapshot& snapshot, const SnapshotFile& file) {
  if (file.size_bytes >= kPointerLimitBytes) return std::nullopt;
  const auto text = snapshot.read(file.path, kPointerLimitBytes);
  const auto pointer = text ? parse_lfs_pointer(*text) : std::nullopt;
  if (!pointer) return std::nullopt;
  return pointer->sha256;
}

std::optional<Digest> downloaded_as(const Snapshot& snapshot, const SnapshotFile& file) {
  const auto text =
      snapshot.read(".cache/huggingface/download/" + file.path + ".metadata", kMetadataLimitBytes);
  const auto metadata = text ? parse_download_metadata(*text) : std::nullopt;
  return metadata ? metadata->sha256 : std::nullopt;
}

}  // namespace

std::optional<LfsPointer> parse_lfs_pointer(std::string_view text) {
  constexpr std::string_view kDigest = "oid sha256:";
  constexpr std::string_view kSize = "size ";
  if (text.size() >= kPointerLimitBytes) return std::nullopt;
  if (take_line(text) != "version https://git-lfs.github.com/spec/v1") return std::nullopt;
  std::optional<Digest> digest;
  std::optional<std::uint64_t> size;
  // The other keys are those of extensions, and come in alphabetical order.
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.starts_with(kDigest)) digest = digest_of(line.substr(kDigest.size()));
    if (line.starts_with(kSize)) size = parse_size(line.substr(kSize.size()));
  }
  if (!digest || !size) return std::nullopt;
  return LfsPointer{*digest, *size};
}

std::optional<DownloadMetadata> parse_download_metadata(std::string_view text) {
  const auto commit = take_line(text);
  const auto etag = take_line(text);
  const bool is_git_hash = is_commit(etag);
  const auto digest = digest_of(etag);
  if (!is_commit(commit) || (!digest && !is_git_hash)) return std::nullopt;
  return DownloadMetadata{std::string(commit), digest};
}

std::map<std::string, Digest> expected_digests(const Snapshot& snapshot) {
  std::map<std::string, Digest> digests;
  for (const auto& file : snapshot.files()) {
    auto digest = pointed_at(snapshot, file);
    if (!digest) digest = downloaded_as(snapshot, file);
    if (digest) digests.emplace(file.path, *digest);
  }
  return digests;
}

}  // namespace owrd::card
