#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "daemon/content/descriptor.h"
#include "daemon/content/one_pass.h"
#include "daemon/content/scan.h"
#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/hash/layer_hasher.h"
#include "daemon/hash/merkle.h"
#include "daemon/hash/range_hasher.h"

namespace owrd::content {

/// An open file on its way through both digests, chunk by chunk. The leaves of a chunk are hashed
/// where it is read, on any thread; the flat digest takes the chunks in order.
class FileStream {
 public:
  /// Corrupt when the file is not what the scan saw. `job_bytes` is what is read in all.
  static Result<std::unique_ptr<FileStream>> open(const std::filesystem::path& directory,
                                                  const ScannedFile& file,
                                                  std::uint64_t piece_length,
                                                  std::uint64_t job_bytes,
                                                  std::vector<hash::Range> ranges = {});

  std::size_t chunks() const { return chunks_; }

  /// Reads a chunk into `buffer`, which takes its length, and hashes its leaves. From any thread,
  /// each chunk once, in about their order.
  Result<> read(std::size_t chunk, Bytes& buffer);
  /// Chunks in order, by one thread at a time; any may be read meanwhile.
  void add_to_flat(ByteView chunk) {
    flat_.update(chunk);
    ranges_.update(chunk);
  }
  /// Once, after all chunks went both ways. Corrupt when the file changed meanwhile.
  Result<hash::FileDigests> finish();

 private:
  FileStream(const std::filesystem::path& directory, const ScannedFile& file,
             std::uint64_t piece_length, std::uint64_t job_bytes, std::vector<hash::Range> ranges,
             Descriptor opened);

  std::uint64_t offset_of(std::size_t chunk) const;
  std::uint64_t length_of(std::size_t chunk) const;

  const std::filesystem::path& directory_;
  const ScannedFile& file_;
  const std::filesystem::path what_;
  const std::uint64_t piece_length_;
  const std::size_t chunks_;
  const Descriptor opened_;
  OnePass pass_;
  hash::LayerHasher layer_;
  hash::Sha256 flat_;
  hash::RangeHasher ranges_;
};

}  // namespace owrd::content
