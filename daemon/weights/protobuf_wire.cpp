#include "daemon/weights/protobuf_wire.h"

#include <string>

namespace owrd::weights {
namespace {

constexpr std::uint64_t kLargestNumber = (1U << 29) - 1;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "protobuf: " + std::move(reason)};
}

}  // namespace

Result<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = in_.number(1);
    if (!byte) return refuse(byte.error().message);
    if (shift == 63 && *byte > 1) break;
    value |= (*byte & 0x7F) << shift;
    if ((*byte & 0x80) == 0) return value;
  }
  return refuse("a number of more than 64 bits before byte " + std::to_string(in_.position()));
}

Result<std::optional<WireField>> WireReader::next() {
  if (in_.remaining() == 0) return std::optional<WireField>();
  const auto tag = varint();
  if (!tag) return tag.error();
  WireField field;
  field.number = *tag >> 3;
  field.type = static_cast<WireField::Type>(*tag & 7);
  if (field.number == 0 || field.number > kLargestNumber)
    return refuse("field " + std::to_string(field.number));
  const bool is_known =
      field.type == WireField::Type::Varint || field.type == WireField::Type::Bytes ||
      field.type == WireField::Type::Fixed32 || field.type == WireField::Type::Fixed64;
  if (!is_known) return refuse("wire type " + std::to_string(*tag & 7));
  const auto value = field.type == WireField::Type::Fixed32   ? in_.number(4)
                     : field.type == WireField::Type::Fixed64 ? in_.number(8)
                                                              : varint();
  if (!value) return value.error();
  field.value = *value;
  if (field.type != WireField::Type::Bytes) return std::optional(field);
  field.bytes.begin = in_.position();
  const auto skipped = in_.skip(*value);
  if (!skipped) return refuse(skipped.error().message);
  field.bytes.end = in_.position();
  return std::optional(field);
}

}  // namespace owrd::weights
