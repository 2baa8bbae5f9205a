#include "daemon/trust/wire_lint.h"

#include <google/protobuf/descriptor.h>

#include <cassert>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "daemon/core/text.h"

namespace owrd::trust {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

constexpr int kMostLevels = 8;

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

struct Tag {
  std::uint32_t number;
  WireType type;
};

/// Takes the primitives of the wire format off the front of a message; none when they are not in
/// strict form.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  bool is_at_end() const { return rest_.empty(); }

  /// The shortest form alone: no last byte of zero, at most 64 bits.
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = std::to_integer<std::uint64_t>(rest_[i]);
      if (i == 9 && byte > 1) return std::nullopt;
      value |= (byte & 0x7F) << (7 * i);
      if (byte >= 0x80) continue;
      if (byte == 0 && i != 0) return std::nullopt;
      rest_ = rest_.subspan(i + 1);
      return value;
    }
    return std::nullopt;
  }

  std::optional<Tag> tag() {
    const auto value = varint();
    if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(*value >> 3);
    const auto type = *value & 7;
    if (number == 0 || (type > 2 && type != 5)) return std::nullopt;
    return Tag{number, static_cast<WireType>(type)};
  }

  std::optional<ByteView> bytes(std::uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::optional<ByteView> delimited() {
    const auto size = varint();
    return size ? bytes(*size) : std::nullopt;
  }

 private:
  ByteView rest_;
};

WireType wire_type_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::Fixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::Fixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::Length;
    default:
      return WireType::Varint;
  }
}

bool is_in_range(std::uint64_t value, const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_BOOL:
      return value <= 1;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
      return value <= std::numeric_limits<std::uint32_t>::max();
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM: {
      const auto number = static_cast<std::int64_t>(value);
      return number >= std::numeric_limits<std::int32_t>::min() &&
             number <= std::numeric_limits<std::int32_t>::max();
    }
    default:
      return true;
  }
}

Error not_strict(const std::string& where, const char* cause) {
  return {ErrorCode::Corrupt, "not in strict form: " + where + ": " + cause};
}
Error not_strict(const FieldDescriptor& field, const char* cause) {
  return not_strict(field.full_name(), cause);
}

/// Whether the value was all zero, which proto3 does not write for a field without presence.
using IsZero = bool;

Result<IsZero> lint_number(Reader& reader, const FieldDescriptor& field) {
  const auto type = wire_type_of(field);
  if (type == WireType::Varint) {
    const auto value = reader.varint();
    if (!value) return not_strict(field, "a number not in its shortest form");
    if (!is_in_range(*value, field)) return not_strict(field, "a number out of range");
    return *value == 0;
  }
  const auto bytes = reader.bytes(type == WireType::Fixed64 ? 8 : 4);
  if (!bytes) return not_strict(field, "cut short");
  for (const auto byte : *bytes)
    if (byte != std::byte{0}) return false;
  return true;
}

/// Checks one message; made anew for each level.
class Lint {
 public:
  Lint(const Descriptor& type, UnknownFields unknown, int level)
      : type_(type), unknown_(unknown), level_(level) {}

  Result<> run(ByteView wire) {
    if (level_ > kMostLevels) return not_strict(type_.full_name(), "more than 8 levels");
    Reader reader(wire);
    while (!reader.is_at_end()) {
      const auto done = lint_next(reader);
      if (!done) return done;
    }
    return Done{};
  }

 private:
  Result<> lint_next(Reader& reader) {
    const auto tag = reader.tag();
    if (!tag) return not_strict(type_.full_name(), "a bad field tag");
    if (tag->number < last_number_) return not_strict(type_.full_name(), "fields out of order");
    const bool is_again = tag->number == last_number_;
    last_number_ = tag->number;
    const auto* field = type_.FindFieldByNumber(static_cast<int>(tag->number));
    if (field == nullptr) return skip_unknown(reader, *tag);
    // A map has no order of its own, so no message that is signed has one.
    assert(!field->is_map());
    const bool is_packed = field->is_repeated() && field->is_packable();
    if (is_again && (is_packed || !field->is_repeated()))
      return not_strict(*field, "it comes twice");
    if (tag->type != (is_packed ? WireType::Length : wire_type_of(*field)))
      return not_strict(*field, "the wrong wire type");
    if (is_packed) return lint_packed(reader, *field);
    if (const auto* oneof = field->real_containing_oneof())
      if (!oneofs_.insert(oneof).second) return not_strict(*field, "two members of one oneof");
    return lint_value(reader, *field);
  }

  Result<> lint_value(Reader& reader, const FieldDescriptor& field) {
    const auto is_zero = wire_type_of(field) == WireType::Length ? lint_delimited(reader, field)
                                                                 : lint_number(reader, field);
    if (!is_zero) return is_zero.error();
    if (*is_zero && !field.is_repeated() && !field.has_presence())
      return not_strict(field, "a default value is written out");
    return Done{};
  }

  Result<IsZero> lint_delimited(Reader& reader, const FieldDescriptor& field) {
    const auto bytes = reader.delimited();
    if (!bytes) return not_strict(field, "cut short, or a length not in its shortest form");
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      const auto inner = Lint(*field.message_type(), unknown_, level_ + 1).run(*bytes);
      if (!inner) return inner.error();
    } else if (field.type() == FieldDescriptor::TYPE_STRING && !is_valid_utf8(as_text(*bytes))) {
      return not_strict(field, "not UTF-8");
    }
    return bytes->empty();
  }

  Result<> lint_packed(Reader& reader, const FieldDescriptor& field) {
    const auto bytes = reader.delimited();
    if (!bytes) return not_strict(field, "cut short, or a length not in its shortest form");
    if (bytes->empty()) return not_strict(field, "an empty list is written out");
    Reader items(*bytes);
    while (!items.is_at_end()) {
      const auto item = lint_number(items, field);
      if (!item) return item.error();
    }
    return Done{};
  }

  Result<> skip_unknown(Reader& reader, const Tag& tag) {
    if (unknown_ == UnknownFields::Refuse)
      return not_strict(type_.full_name(), ("unknown field " + std::to_string(tag.number)).c_str());
    const bool is_whole = tag.type == WireType::Varint    ? reader.varint().has_value()
                          : tag.type == WireType::Fixed64 ? reader.bytes(8).has_value()
                          : tag.type == WireType::Fixed32 ? reader.bytes(4).has_value()
                                                          : reader.delimited().has_value();
    if (!is_whole) return not_strict(type_.full_name(), "an unknown field is cut short");
    return Done{};
  }

  const Descriptor& type_;
  UnknownFields unknown_;
  int level_;
  std::uint32_t last_number_ = 0;
  std::set<const OneofDescriptor*> oneofs_;
};

}  // namespace

Result<> lint_wire(ByteView wire, const Descriptor& type, UnknownFields unknown) {
  return Lint(type, unknown, /*level=*/1).run(wire);
}

}  // namespace owrd::trust
