#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/card/snapshot.h"
#include "daemon/core/digest.h"

/// What Git LFS and the downloads of Hugging Face say that files must be.
namespace owrd::card {

/// What stands in a clone in place of a large file (git-lfs, docs/spec.md).
struct LfsPointer {
  Digest sha256;  ///< Of the file's bytes.
  std::uint64_t size_bytes;
};
/// None for all that is no pointer; git-lfs has them below 1024 bytes.
std::optional<LfsPointer> parse_lfs_pointer(std::string_view text);

/// What huggingface_hub keeps of a file that it has put into a folder:
/// .cache/huggingface/download/<path>.metadata.
struct DownloadMetadata {
  std::string commit;            ///< Of the repository, 40 hex digits.
  std::optional<Digest> sha256;  ///< Of the file's bytes; none for what is not in LFS.
};
std::optional<DownloadMetadata> parse_download_metadata(std::string_view text);

/// The SHA-256 that a file must have, by its pointer or by its download, as far as that is known.
std::map<std::string, Digest> expected_digests(const Snapshot& snapshot);

}  // namespace owrd::card
