#include "daemon/weights/gguf_metadata.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"

namespace owrd::weights {
namespace {

constexpr std::uint64_t kKeyLimitBytes = 65'535;
/// Of one value that is kept; chat templates and whole tokenizers in JSON are the longest.
constexpr std::uint64_t kStringLimitBytes = 64 << 20;
constexpr std::uint64_t kShownElements = 64;
constexpr std::uint64_t kShownStringBytes = 1024;
/// A key of one byte, its length, a kind and a value of one byte.
constexpr std::uint64_t kSmallestPairBytes = 14;

Error refuse(std::string_view key, std::string reason) {
  return Error{ErrorCode::InvalidInput, "GGUF: key " + quoted(key) + ": " + std::move(reason)};
}

/// 0 for what has no fixed size.
std::size_t size_of(GgufKind kind) {
  switch (kind) {
    case GgufKind::Uint8:
    case GgufKind::Int8:
    case GgufKind::Bool:
      return 1;
    case GgufKind::Uint16:
    case GgufKind::Int16:
      return 2;
    case GgufKind::Uint32:
    case GgufKind::Int32:
    case GgufKind::Float32:
      return 4;
    case GgufKind::Uint64:
    case GgufKind::Int64:
    case GgufKind::Float64:
      return 8;
    case GgufKind::String:
    case GgufKind::Array:
      return 0;
  }
  return 0;
}

std::string_view name_of(GgufKind kind) {
  static constexpr std::string_view kNames[] = {"u8",  "i8",  "u16",  "i16",    "u32",
                                                "i32", "f32", "bool", "string", "array",
                                                "u64", "i64", "f64"};
  return kNames[static_cast<std::size_t>(kind)];
}

template <class Float>
std::string float_text(Float value) {
  char digits[40];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  return {std::begin(digits), end};
}

/// The bits of a number of this kind, in decimal digits.
std::string number_text(GgufKind kind, std::uint64_t bits) {
  switch (kind) {
    case GgufKind::Int8:
      return std::to_string(static_cast<std::int8_t>(bits));
    case GgufKind::Int16:
      return std::to_string(static_cast<std::int16_t>(bits));
    case GgufKind::Int32:
      return std::to_string(static_cast<std::int32_t>(bits));
    case GgufKind::Int64:
      return std::to_string(static_cast<std::int64_t>(bits));
    case GgufKind::Float32:
      return float_text(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case GgufKind::Float64:
      return float_text(std::bit_cast<double>(bits));
    case GgufKind::Bool:
      if (bits > 1) return std::to_string(bits);
      return bits == 0 ? "false" : "true";
    default:
      return std::to_string(bits);
  }
}

Result<GgufKind> read_kind(ByteStream& in, std::string_view key) {
  const auto kind = in.number(4);
  if (!kind) return kind.error();
  if (*kind > static_cast<std::uint64_t>(GgufKind::Float64))
    return refuse(key, "unknown kind " + std::to_string(*kind));
  return static_cast<GgufKind>(*kind);
}

Result<std::string> read_scalar(ByteStream& in, std::string_view key, GgufKind kind) {
  if (kind == GgufKind::String) {
    const auto text = read_gguf_string(in, kStringLimitBytes);
    if (!text) return refuse(key, text.error().message);
    return metadata_text(*text);
  }
  const auto bits = in.number(size_of(kind));
  if (!bits) return refuse(key, bits.error().message);
  return number_text(kind, *bits);
}

Result<> skip_string(ByteStream& in, std::string_view key) {
  const auto length = in.number(8);
  if (!length) return refuse(key, length.error().message);
  const auto skipped = in.skip(*length);
  if (!skipped) return refuse(key, skipped.error().message);
  return Done{};
}

/// Strings of more than kShownStringBytes make a list too long to show.
Result<std::string> read_short_list(ByteStream& in, std::string_view key, GgufKind kind,
                                    std::uint64_t count) {
  std::string joined;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto text = read_scalar(in, key, kind);
    if (!text) return text.error();
    if (i > 0) joined += ", ";
    joined += text->size() > kShownStringBytes ? "..." : *text;
  }
  return joined;
}

Result<> skip_list(ByteStream& in, std::string_view key, GgufKind kind, std::uint64_t count) {
  if (kind != GgufKind::String) {
    const auto skipped = in.skip(count * size_of(kind));
    return skipped ? Result<>(Done{}) : refuse(key, skipped.error().message);
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto skipped = skip_string(in, key);
    if (!skipped) return skipped.error();
  }
  return Done{};
}

Result<std::string> read_list(ByteStream& in, std::string_view key) {
  const auto kind = read_kind(in, key);
  if (!kind) return kind.error();
  if (*kind == GgufKind::Array) return refuse(key, "a list of lists");
  const auto count = in.number(8);
  if (!count) return refuse(key, count.error().message);
  const auto smallest = *kind == GgufKind::String ? 8 : size_of(*kind);
  const auto bytes = checked_multiply(*count, smallest);
  if (!bytes || *bytes > in.remaining())
    return refuse(key, "a list of " + std::to_string(*count) + ", longer than the file");
  if (*count <= kShownElements) return read_short_list(in, key, *kind, *count);
  const auto skipped = skip_list(in, key, *kind, *count);
  if (!skipped) return skipped.error();
  return "[" + std::to_string(*count) + " x " + std::string(name_of(*kind)) + "]";
}

Result<std::string> read_key(ByteStream& in) {
  auto key = read_gguf_string(in, kKeyLimitBytes);
  if (!key) return Error{key.error().code, "GGUF: a key: " + key.error().message};
  if (key->empty()) return refuse(*key, "empty");
  const bool is_printable =
      std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < '\x7F'; });
  if (!is_printable) return refuse(*key, "not printable ASCII");
  return key;
}

}  // namespace

Result<std::string> read_gguf_string(ByteStream& in, std::uint64_t limit_bytes) {
  const auto length = in.number(8);
  if (!length) return length.error();
  return in.text(*length, limit_bytes);
}

Result<GgufMetadata> read_gguf_metadata(ByteStream& in, std::uint64_t count) {
  if (count > in.remaining() / kSmallestPairBytes)
    return Error{ErrorCode::InvalidInput,
                 "GGUF: " + std::to_string(count) + " keys, more than the file can hold"};
  GgufMetadata metadata;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = read_key(in);
    if (!key) return key.error();
    const auto kind = read_kind(in, *key);
    if (!kind) return kind.error();
    auto text = *kind == GgufKind::Array ? read_list(in, *key) : read_scalar(in, *key, *kind);
    if (!text) return text.error();
    if (!metadata.emplace(*key, GgufValue{*kind, *std::move(text)}).second)
      return refuse(*key, "twice");
  }
  return metadata;
}

}  // namespace owrd::weights
