#include <zlib.h>

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/zip.h"

namespace owrd::weights {
namespace {

/// zlib counts in 32 bits.
constexpr std::uint64_t kInflateLimitBytes = 1 << 30;

Error refuse(const ZipEntry& entry, std::string reason) {
  return Error{ErrorCode::InvalidInput,
               "ZIP: member " + quoted(entry.name) + ": " + std::move(reason)};
}

/// A source that owns its bytes.
class HeldSource : public ByteSource {
 public:
  explicit HeldSource(Bytes bytes) : bytes_(std::move(bytes)), source_(bytes_) {}
  std::uint64_t size() const override { return source_.size(); }

 private:
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override {
    return source_.read(offset, length);
  }
  Bytes bytes_;
  MemorySource source_;
};

/// What came of inflating, which stops where `inflated` is full.
struct Inflated {
  Bytes bytes;
  bool is_whole = false;  ///< The stream has ended, with its last byte.
};

/// RFC 1951, without any wrapping; at most `limit_bytes` come out.
Result<Inflated> inflate_bytes(Bytes stored, std::uint64_t limit_bytes) {
  Inflated inflated{Bytes(static_cast<std::size_t>(limit_bytes))};
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return Error{ErrorCode::Internal, "zlib does not start"};
  std::byte none{};
  stream.next_in = reinterpret_cast<Bytef*>(stored.data());
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(limit_bytes == 0 ? &none : inflated.bytes.data());
  stream.avail_out = static_cast<uInt>(limit_bytes);
  const int outcome = inflate(&stream, Z_SYNC_FLUSH);
  inflated.is_whole = outcome == Z_STREAM_END && stream.avail_in == 0;
  inflated.bytes.resize(inflated.bytes.size() - stream.avail_out);
  inflateEnd(&stream);
  return inflated;
}

/// Inflates into exactly the size that the directory says.
Result<Bytes> inflate_whole(Bytes stored, const ZipEntry& entry) {
  auto inflated = inflate_bytes(std::move(stored), entry.size_bytes);
  if (!inflated) return inflated.error();
  if (!inflated->is_whole || inflated->bytes.size() != entry.size_bytes)
    return refuse(entry, "does not inflate to the size that it says");
  return std::move(inflated->bytes);
}

std::uint32_t crc32_of(ByteView bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), data, bytes.size()));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_zip_entry(ByteSource& archive, const ZipEntry& entry,
                                                   std::uint64_t limit_bytes) {
  const auto limit = std::min(limit_bytes, kInflateLimitBytes);
  // Deflating makes nothing shorter than by 1032 to 1 (zlib, "Maximum Compression Factor").
  if (entry.is_deflated && entry.size_bytes / 1040 > entry.data.size())
    return refuse(entry, "does not inflate to the size that it says");
  if (entry.size_bytes > limit || entry.data.size() > limit) {
    if (entry.is_deflated) return refuse(entry, "is deflated and too long to be inflated");
    return std::unique_ptr<ByteSource>(
        std::make_unique<SubSource>(archive, entry.data.begin, entry.data.size()));
  }
  auto bytes = archive.read(entry.data.begin, entry.data.size());
  if (!bytes) return bytes.error();
  if (entry.is_deflated) bytes = inflate_whole(*std::move(bytes), entry);
  if (!bytes) return bytes.error();
  if (crc32_of(*bytes) != entry.crc32) return refuse(entry, "its checksum does not match");
  return std::unique_ptr<ByteSource>(std::make_unique<HeldSource>(*std::move(bytes)));
}

Result<Bytes> read_zip_entry_head(ByteSource& archive, const ZipEntry& entry,
                                  std::uint64_t limit_bytes) {
  const auto size = std::min({entry.size_bytes, limit_bytes, kInflateLimitBytes});
  // Deflating makes nothing longer than by 5 bytes in each 16 KiB.
  const auto stored_limit = entry.is_deflated ? size + size / 1024 + 64 : size;
  auto bytes = archive.read(entry.data.begin, std::min(entry.data.size(), stored_limit));
  if (!bytes || !entry.is_deflated) return bytes;
  auto inflated = inflate_bytes(*std::move(bytes), size);
  if (!inflated) return inflated.error();
  if (inflated->bytes.size() != size) return refuse(entry, "does not inflate");
  return std::move(inflated->bytes);
}

}  // namespace owrd::weights
