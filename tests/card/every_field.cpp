#include "tests/card/every_field.h"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <functional>

#include "daemon/card/schema.h"

namespace owrd::card::testing {
namespace {

using google::protobuf::Message;

/// A number below `limit`.
using Choose = std::function<std::size_t(std::size_t limit)>;

const std::vector<std::string> kTexts = {"plain",
                                         "two\nlines",
                                         "a \"quoted\" word",
                                         "\"\"\"",
                                         "a line\n\"\"\"\" and \"",
                                         "\n",
                                         "back\\slash\n\\",
                                         "tab\tand \r\n carriage return",
                                         std::string("\0\x01\x7f", 3),
                                         "Grüße, 世界",
                                         "# no comment",
                                         "'single'",
                                         "  spaces  \n  at both ends  ",
                                         "key = [1, 2]"};

class Filler {
 public:
  Filler(Choose choose, bool fills_all) : choose_(std::move(choose)), fills_all_(fills_all) {}

  void fill(Message& message) const {
    for (const auto* field : said_fields(*message.GetDescriptor()))
      if (fills_all_ || choose_(2) == 0) fill_field(message, *field);
  }

 private:
  void fill_field(Message& message, const FieldDescriptor& field) const {
    const auto count = field.is_repeated() ? 1 + choose_(3) : 1;
    for (std::size_t i = 0; i < count; ++i) add(message, field);
  }

  void add(Message& message, const FieldDescriptor& field) const {
    const auto& r = *message.GetReflection();
    const bool many = field.is_repeated();
    switch (value_kind(field)) {
      case ValueKind::Text:
      case ValueKind::Digest: {
        const auto text = text_for(field);
        return many ? r.AddString(&message, &field, text) : r.SetString(&message, &field, text);
      }
      case ValueKind::Time:
        return r.SetInt64(&message, &field, static_cast<std::int64_t>(1 + choose_(253402300799)));
      case ValueKind::Flag:
        return r.SetBool(&message, &field, true);
      case ValueKind::Word: {
        const auto values = static_cast<std::size_t>(field.enum_type()->value_count());
        const auto value = field.enum_type()->value(static_cast<int>(1 + choose_(values - 1)));
        return many ? r.AddEnum(&message, &field, value) : r.SetEnum(&message, &field, value);
      }
      case ValueKind::Count:
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32)
          return r.SetUInt32(&message, &field, static_cast<std::uint32_t>(1 + choose_(4294967295)));
        return r.SetUInt64(&message, &field, choose_(2) == 0 ? 7'241'732'096 : ~std::uint64_t{0});
      default:
        return fill(many ? *r.AddMessage(&message, &field) : *r.MutableMessage(&message, &field));
    }
  }

  std::string text_for(const FieldDescriptor& field) const {
    if (value_kind(field) == ValueKind::Text) return kTexts[choose_(kTexts.size())];
    return std::string(32, static_cast<char>(choose_(256)));
  }

  Choose choose_;
  bool fills_all_;
};

}  // namespace

v1::Manifest every_field() {
  std::size_t turn = 0;
  v1::Manifest manifest;
  Filler([&](std::size_t limit) { return ++turn % limit; }, /*fills_all=*/true).fill(manifest);
  return manifest;
}

v1::Manifest some_fields(std::mt19937& random) {
  v1::Manifest manifest;
  const Choose choose = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  Filler(choose, /*fills_all=*/false).fill(manifest);
  return manifest;
}

}  // namespace owrd::card::testing
