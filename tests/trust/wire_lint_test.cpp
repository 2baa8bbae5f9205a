#include "daemon/trust/wire_lint.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

namespace pb = google::protobuf;

/// A message with a field of every kind.
constexpr const char* kSchema = R"(
  name: "every.proto" package: "t" syntax: "proto3"
  enum_type { name: "E" value { name: "ZERO" number: 0 } value { name: "ONE" number: 1 } }
  message_type {
    name: "M"
    oneof_decl { name: "choice" }
    oneof_decl { name: "_maybe" }
    field { name: "flag" number: 1 label: LABEL_OPTIONAL type: TYPE_BOOL }
    field { name: "u32" number: 2 label: LABEL_OPTIONAL type: TYPE_UINT32 }
    field { name: "i32" number: 3 label: LABEL_OPTIONAL type: TYPE_INT32 }
    field { name: "s32" number: 4 label: LABEL_OPTIONAL type: TYPE_SINT32 }
    field { name: "i64" number: 5 label: LABEL_OPTIONAL type: TYPE_INT64 }
    field { name: "e" number: 6 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".t.E" }
    field { name: "f32" number: 7 label: LABEL_OPTIONAL type: TYPE_FIXED32 }
    field { name: "f64" number: 8 label: LABEL_OPTIONAL type: TYPE_DOUBLE }
    field { name: "text" number: 9 label: LABEL_OPTIONAL type: TYPE_STRING }
    field { name: "raw" number: 10 label: LABEL_OPTIONAL type: TYPE_BYTES }
    field { name: "inner" number: 11 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".t.M" }
    field { name: "texts" number: 12 label: LABEL_REPEATED type: TYPE_STRING }
    field { name: "list" number: 13 label: LABEL_REPEATED type: TYPE_UINT32 }
    field { name: "fixed" number: 14 label: LABEL_REPEATED type: TYPE_FIXED32 }
    field { name: "a" number: 15 label: LABEL_OPTIONAL type: TYPE_UINT32 oneof_index: 0 }
    field { name: "b" number: 16 label: LABEL_OPTIONAL type: TYPE_UINT32 oneof_index: 0 }
    field { name: "maybe" number: 17 label: LABEL_OPTIONAL type: TYPE_UINT32 oneof_index: 1 proto3_optional: true }
    field { name: "inners" number: 18 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".t.M" }
  })";

class WireLint : public testing::Test {
 protected:
  void SetUp() override {
    pb::FileDescriptorProto file;
    ASSERT_TRUE(pb::TextFormat::ParseFromString(kSchema, &file));
    const auto* built = pool_.BuildFile(file);
    ASSERT_NE(built, nullptr);
    type_ = built->message_type(0);
  }

  Result<> lint(std::string_view wire_hex, UnknownFields unknown = UnknownFields::Refuse) const {
    return lint_wire(hex(wire_hex), *type_, unknown);
  }

  pb::DescriptorPool pool_;
  const pb::Descriptor* type_ = nullptr;
};

TEST_F(WireLint, AcceptsWhatTheSerialiserWrites) {
  const char* const kMessages[] = {
      "",
      "flag: true u32: 4294967295 i32: -1 s32: -2147483648 i64: -9223372036854775808 e: ONE",
      "i32: 2147483647 s32: 2147483647 i64: 9223372036854775807",
      "f32: 1 f64: -0.5 text: 'Gr\\303\\274' raw: '\\377\\000'",
      "inner { }",
      "texts: '' texts: 'a' texts: '' list: 0 list: 4294967295 fixed: 0 fixed: 1",
      "a: 0",
      "b: 7",
      "maybe: 0",
      "inners { } inners { u32: 1 inners { flag: true } }",
  };
  pb::DynamicMessageFactory factory(&pool_);
  for (const auto* text : kMessages) {
    SCOPED_TRACE(text);
    const std::unique_ptr<pb::Message> message(factory.GetPrototype(type_)->New());
    ASSERT_TRUE(pb::TextFormat::ParseFromString(text, message.get()));
    const auto strict =
        lint_wire(as_bytes(message->SerializeAsString()), *type_, UnknownFields::Refuse);
    EXPECT_TRUE(strict) << strict.error().message;
  }
}

TEST_F(WireLint, RefusesEveryOtherSpelling) {
  struct Case {
    const char* wire;
    const char* cause;
  };
  const Case cases[] = {
      // Tags.
      {"00", "t.M: a bad field tag"},            // Field 0.
      {"0b", "t.M: a bad field tag"},            // A group begins.
      {"0c", "t.M: a bad field tag"},            // A group ends.
      {"0e01", "t.M: a bad field tag"},          // Wire type 6.
      {"880001", "t.M: a bad field tag"},        // Field 1, tag not shortest.
      {"80808080100a", "t.M: a bad field tag"},  // Beyond 32 bits.
      {"ff", "t.M: a bad field tag"},            // Cut.
      {"0901", "t.M.flag: the wrong wire type"},
      {"120101", "t.M.u32: the wrong wire type"},
      {"48e803", "t.M.text: the wrong wire type"},
      // Order and repetition.
      {"10010801", "t.M: fields out of order"},
      {"08010801", "t.M.flag: it comes twice"},
      {"5a005a00", "t.M.inner: it comes twice"},
      {"62016182010162", "t.M.b: the wrong wire type"},
      {"6a01016a0102", "t.M.list: it comes twice"},
      {"7801800101", "t.M.b: two members of one oneof"},
      // Numbers.
      {"0802", "t.M.flag: a number out of range"},
      {"088100", "t.M.flag: a number not in its shortest form"},
      {"10", "t.M.u32: a number not in its shortest form"},
      {"108080808010", "t.M.u32: a number out of range"},
      {"188080808010", "t.M.i32: a number out of range"},
      {"18ffffffff0f", "t.M.i32: a number out of range"},  // -1 takes ten bytes.
      {"208080808010", "t.M.s32: a number out of range"},
      {"28ffffffffffffffffff02", "t.M.i64: a number not in its shortest form"},  // Beyond 64 bits.
      {"28ffffffffffffffffffff01", "t.M.i64: a number not in its shortest form"},
      {"308080808010", "t.M.e: a number out of range"},
      {"3d010000", "t.M.f32: cut short"},
      {"4101000000000000", "t.M.f64: cut short"},
      // Defaults.
      {"0800", "t.M.flag: a default value is written out"},
      {"1000", "t.M.u32: a default value is written out"},
      {"2800", "t.M.i64: a default value is written out"},
      {"3000", "t.M.e: a default value is written out"},
      {"3d00000000", "t.M.f32: a default value is written out"},
      {"410000000000000000", "t.M.f64: a default value is written out"},
      {"4a00", "t.M.text: a default value is written out"},
      {"5200", "t.M.raw: a default value is written out"},
      // Lengths and texts.
      {"4a0561", "t.M.text: cut short, or a length not in its shortest form"},
      {"4a810061", "t.M.text: cut short, or a length not in its shortest form"},
      {"4affffffffffffffffff01", "t.M.text: cut short, or a length not in its shortest form"},
      {"4a01ff", "t.M.text: not UTF-8"},
      {"4a03eda080", "t.M.text: not UTF-8"},
      {"6201ff", "t.M.texts: not UTF-8"},
      // Lists of numbers.
      {"6801", "t.M.list: the wrong wire type"},
      {"6a00", "t.M.list: an empty list is written out"},
      {"6a028000", "t.M.list: a number not in its shortest form"},
      {"6a0180", "t.M.list: a number not in its shortest form"},
      {"7203010000", "t.M.fixed: cut short"},
      // Inside.
      {"5a021000", "t.M.u32: a default value is written out"},
      {"920102ffff", "t.M: a bad field tag"},
      // Unknown fields.
      {"980101", "t.M: unknown field 19"},
      {"5a03980101", "t.M: unknown field 19"},
  };
  for (const auto& [wire, cause] : cases) {
    SCOPED_TRACE(wire);
    const auto strict = lint(wire);
    ASSERT_FALSE(strict);
    EXPECT_EQ(strict.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(strict.error().message, std::string("not in strict form: ") + cause);
  }
}

TEST_F(WireLint, ToleratesUnknownFieldsOnRequestButNotTheirForm) {
  const auto tolerate = UnknownFields::Tolerate;

  EXPECT_TRUE(lint("980101", tolerate));
  EXPECT_TRUE(lint("980101980102", tolerate));
  EXPECT_TRUE(lint("9a010161", tolerate));
  EXPECT_TRUE(lint("9d0101020304", tolerate));
  EXPECT_TRUE(lint("99010102030405060708", tolerate));
  EXPECT_TRUE(lint("5a03980100", tolerate));
  EXPECT_FALSE(lint("98018100", tolerate));
  EXPECT_FALSE(lint("9a010261", tolerate));
  EXPECT_FALSE(lint("9d01010203", tolerate));
  EXPECT_FALSE(lint("9b01", tolerate));
  EXPECT_FALSE(lint("9801010801", tolerate));
}

TEST_F(WireLint, GoesEightLevelsDown) {
  std::string wire;
  for (int level = 1; level < 8; ++level) {
    const char length = static_cast<char>(wire.size());
    wire = std::string("\x5a") + length + wire;
  }

  EXPECT_TRUE(lint_wire(as_bytes(wire), *type_, UnknownFields::Refuse));
  const auto deeper = std::string("\x5a") + static_cast<char>(wire.size()) + wire;
  const auto strict = lint_wire(as_bytes(deeper), *type_, UnknownFields::Refuse);
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().message, "not in strict form: t.M: more than 8 levels");
}

// What is strict has one spelling: parsing and serialising gives the same bytes.
TEST_F(WireLint, LeavesOneSpellingOfEveryShortMessage) {
  pb::DynamicMessageFactory factory(&pool_);
  const std::unique_ptr<pb::Message> message(factory.GetPrototype(type_)->New());
  int accepted = 0;
  const auto check = [&](const std::string& wire) {
    if (!lint_wire(as_bytes(wire), *type_, UnknownFields::Refuse)) return;
    ++accepted;
    ASSERT_TRUE(message->ParseFromString(wire)) << to_hex(as_bytes(wire));
    ASSERT_EQ(message->SerializeAsString(), wire) << to_hex(as_bytes(wire));
  };
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      check({static_cast<char>(a), static_cast<char>(b)});
      for (const int c : {0x00, 0x01})
        check({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
    }
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace owrd::trust
