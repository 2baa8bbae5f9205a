#include "daemon/control/gzip.h"

#define ZLIB_CONST
#include <zlib.h>

#include <array>
#include <cassert>
#include <limits>
#include <new>
#include <optional>

namespace owrd::control {
namespace {

/// 2^15 bytes of window, the most; 16 more asks zlib for gzip and nothing else.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kMemoryLevel = 8;  ///< zlib's default.
constexpr std::string_view kMemberMark = "\x1F\x8B";

RpcError broken(const std::string& why) {
  return to_rpc_error({ErrorCode::InvalidInput, "request: " + why});
}

RpcError too_large(std::uint64_t limit_bytes) {
  return {"resource_exhausted",
          Error{ErrorCode::InvalidInput, "request: decompressed, larger than the limit of " +
                                             std::to_string(limit_bytes) + " bytes"}};
}

void read_from(z_stream& stream, std::string_view bytes) {
  assert(bytes.size() <= std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
}

void write_to(z_stream& stream, char* bytes, std::size_t size) {
  assert(size <= std::numeric_limits<uInt>::max());
  stream.next_out = reinterpret_cast<Bytef*>(bytes);
  stream.avail_out = static_cast<uInt>(size);
}

/// Takes `bytes` apart, a piece after the other.
class Inflater {
 public:
  explicit Inflater(std::string_view bytes) {
    if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
    read_from(stream_, bytes);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// The next bytes, valid until the next call; none at the end.
  RpcResult<std::string_view> next() {
    while (!is_at_end_) {
      write_to(stream_, piece_.data(), piece_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        if (auto error = end_member()) return std::move(*error);
      } else if (status != Z_OK) {
        return failure(status);
      }
      const std::string_view got(piece_.data(), piece_.size() - stream_.avail_out);
      if (!got.empty()) return got;
    }
    return std::string_view();
  }

 private:
  std::optional<RpcError> end_member() {
    const std::string_view rest(reinterpret_cast<const char*>(stream_.next_in), stream_.avail_in);
    is_at_end_ = rest.empty();
    if (is_at_end_) return std::nullopt;
    if (rest.substr(0, kMemberMark.size()) != kMemberMark)
      return broken("ends with " + std::to_string(rest.size()) + " bytes that are no gzip");
    inflateReset(&stream_);
    return std::nullopt;
  }

  RpcError failure(int status) const {
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_BUF_ERROR) return broken("ends before its gzip does");
    return broken(std::string("not gzip: ") + (stream_.msg != nullptr ? stream_.msg : "unknown"));
  }

  z_stream stream_{};
  std::array<char, 16 * 1024> piece_;
  bool is_at_end_ = false;
};

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  // The fastest level: this is done on the loop's thread, and the peer is on the same machine.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  read_from(stream, bytes);
  write_to(stream, out.data(), out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  assert(status == Z_STREAM_END);
  return out;
}

RpcResult<std::string> gunzip(std::string_view bytes, std::uint64_t limit_bytes) {
  Inflater inflater(bytes);
  std::string out;
  while (true) {
    auto piece = inflater.next();
    if (auto* error = std::get_if<RpcError>(&piece)) return std::move(*error);
    const auto got = std::get<std::string_view>(piece);
    if (got.empty()) return out;
    if (got.size() > limit_bytes - out.size()) return too_large(limit_bytes);
    out.append(got);
  }
}

}  // namespace owrd::control
