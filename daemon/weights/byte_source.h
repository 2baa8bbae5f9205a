#pragma once

#include <cstddef>
#include <cstdint>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

namespace owrd::weights {

/// Bytes that can be read at any place: a file, a buffer, a release of which pieces are fetched as
/// they are asked for. Readers of this room ask for little, and never for more at once than a cap
/// of theirs; what they ask for always lies within the source.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;

  /// Exactly `length` bytes. InvalidInput when the source ends before them; else what the source
  /// itself says.
  Result<Bytes> read(std::uint64_t offset, std::uint64_t length);

 private:
  /// The range lies within size(). Answers with exactly `length` bytes or an error.
  virtual Result<Bytes> read_within(std::uint64_t offset, std::size_t length) = 0;
};

/// Bytes in memory, which must live as long as this.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override;
  ByteView bytes_;
};

/// Part of another source, such as a member of an archive. The other one must live as long as this
/// and hold [begin, begin + size).
class SubSource : public ByteSource {
 public:
  SubSource(ByteSource& whole, std::uint64_t begin, std::uint64_t size_bytes);
  std::uint64_t size() const override { return size_; }

 private:
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override;
  ByteSource& whole_;
  std::uint64_t begin_;
  std::uint64_t size_;
};

}  // namespace owrd::weights
