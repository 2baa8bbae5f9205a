#pragma once

#include <cstdint>
#include <optional>

#include "daemon/core/result.h"
#include "daemon/weights/byte_stream.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// A field of a protobuf message, as it is on the wire (protobuf.dev, "Encoding").
struct WireField {
  enum class Type { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

  std::uint64_t number = 0;
  Type type = Type::Varint;
  std::uint64_t value = 0;  ///< Of all types but Bytes.
  ByteRange bytes = {};     ///< Of Bytes: where they are in the source.
};

/// Reads the fields of one message, and of long fields only where they are. Groups and field
/// numbers that cannot be are refused.
class WireReader {
 public:
  WireReader(ByteSource& source, ByteRange message)
      : in_(source, message.begin, message.end, 4096) {}

  /// None at the end of the message.
  Result<std::optional<WireField>> next();

 private:
  Result<std::uint64_t> varint();
  ByteStream in_;
};

}  // namespace owrd::weights
