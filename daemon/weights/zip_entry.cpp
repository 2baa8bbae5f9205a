#include <zlib.h>

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/zip.h"

namespace owrd::weights {
namespace {

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

/// Inflates into exactly `size_bytes`; RFC 1951, without any wrapping.
Result<Bytes> inflate_whole(Bytes stored, const ZipEntry& entry) {
  Bytes inflated(static_cast<std::size_t>(entry.size_bytes));
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return Error{ErrorCode::Internal, "zlib does not start"};
  std::byte none{};
  stream.next_in = reinterpret_cast<Bytef*>(stored.data());
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(inflated.empty() ? &none : inflated.data());
  stream.avail_out = static_cast<uInt>(inflated.size());
  const int outcome = inflate(&stream, Z_FINISH);
  const bool is_exact = outcome == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!is_exact) return refuse(entry, "does not inflate to the size that it says");
  return inflated;
}

std::uint32_t crc32_of(ByteView bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), data, bytes.size()));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_zip_entry(ByteSource& archive, const ZipEntry& entry,
                                                   std::uint64_t limit_bytes) {
  // zlib counts in 32 bits.
  const auto limit = std::min<std::uint64_t>(limit_bytes, 1U << 30);
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

}  // namespace owrd::weights
