#include "daemon/card/schema.h"

#include <cassert>

#include "daemon/core/text.h"
#include "owrd/v1/release.pb.h"

namespace owrd::card {
namespace {

bool is_of_manifest(const FieldDescriptor& field) {
  return field.containing_type() == v1::Manifest::descriptor();
}

bool is_license_id(const FieldDescriptor& field) {
  return field.containing_type() == v1::License::descriptor() && field.name() == "spdx_expression";
}

/// "COMPONENT_KIND_" of ComponentKind.
std::string prefix_of(const EnumDescriptor& type) {
  std::string prefix;
  for (const char letter : type.name()) {
    const bool is_upper = letter >= 'A' && letter <= 'Z';
    if (is_upper && !prefix.empty()) prefix += '_';
    prefix += is_upper ? letter : static_cast<char>(letter - 'a' + 'A');
  }
  return prefix + '_';
}

}  // namespace

ValueKind value_kind(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type() == v1::Setting::descriptor() ? ValueKind::Settings
                                                               : ValueKind::Table;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ValueKind::Word;
    case FieldDescriptor::CPPTYPE_BOOL:
      return ValueKind::Flag;
    case FieldDescriptor::CPPTYPE_INT64:
      return ValueKind::Time;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return ValueKind::Count;
    default:
      assert(field.cpp_type() == FieldDescriptor::CPPTYPE_STRING);
      return field.type() == FieldDescriptor::TYPE_BYTES ? ValueKind::Digest : ValueKind::Text;
  }
}

bool is_said(const FieldDescriptor& field) {
  if (!is_of_manifest(field)) return true;
  const int number = field.number();
  return number == v1::Manifest::kModelFieldNumber || number == v1::Manifest::kVersionFieldNumber ||
         number == v1::Manifest::kLicenseFieldNumber ||
         (number >= v1::Manifest::kDisplayNameFieldNumber &&
          number <= v1::Manifest::kChangelogFieldNumber);
}

std::vector<const FieldDescriptor*> said_fields(const Descriptor& type) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < type.field_count(); ++i)
    if (is_said(*type.field(i))) fields.push_back(type.field(i));
  return fields;
}

std::string_view key_of(const FieldDescriptor& field) {
  return is_license_id(field) ? "id" : std::string_view(field.name());
}

const FieldDescriptor* find_field(const Descriptor& type, std::string_view key) {
  for (const auto* field : said_fields(type))
    if (key == key_of(*field) || key == field->name()) return field;
  return nullptr;
}

std::string word_of(const EnumValueDescriptor& value) {
  auto word = value.name();
  const auto prefix = prefix_of(*value.type());
  if (word.starts_with(prefix)) word.erase(0, prefix.size());
  for (auto& letter : word)
    if (letter == '_') letter = '-';
  return ascii_lower(word);
}

std::vector<std::string> words_of(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) words.push_back(word_of(*type.value(i)));
  return words;
}

const EnumValueDescriptor* find_word(const EnumDescriptor& type, std::string_view word) {
  for (int i = 0; i < type.value_count(); ++i)
    if (word == word_of(*type.value(i))) return type.value(i);
  return nullptr;
}

}  // namespace owrd::card
