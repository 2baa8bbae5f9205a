#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "daemon/core/result.h"
#include "daemon/weights/byte_stream.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// The kinds of a value (ggml, docs/gguf.md: gguf_metadata_value_type).
enum class GgufKind : std::uint32_t {
  Uint8,
  Int8,
  Uint16,
  Int16,
  Uint32,
  Int32,
  Float32,
  Bool,
  String,
  Array,
  Uint64,
  Int64,
  Float64,
};

/// A value: strings whole, numbers in decimal digits, booleans as "true" and "false" or, where they
/// are neither 0 nor 1, as numbers, lists of at most 64 values joined by ", ",
/// longer ones as "[32000 x string]".
struct GgufValue {
  GgufKind kind;
  std::string text;
};
using GgufMetadata = std::map<std::string, GgufValue, std::less<>>;

/// Reads `count` pairs of key and value. Refuses a key twice, keys that are empty, longer than
/// 65,535 bytes or not printable ASCII, unknown kinds, lists in lists, and whatever claims
/// to be longer than what is left of the stream.
Result<GgufMetadata> read_gguf_metadata(ByteStream& in, std::uint64_t count);

/// A string of u64 length; at most `limit_bytes`.
Result<std::string> read_gguf_string(ByteStream& in, std::uint64_t limit_bytes);

}  // namespace owrd::weights
