#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

/// How the schema of a manifest is written by its publisher: which fields, under which keys, in
/// which words. All of it follows from the schema itself.
namespace owrd::card {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

/// How a field's value is written.
enum class ValueKind {
  Text,      ///< Also decimal numbers, which are kept as they are written.
  Digest,    ///< 32 bytes, in hex.
  Time,      ///< Unix seconds in the schema, a date or a time in the file.
  Count,     ///< An integer, not negative.
  Flag,      ///< True or false.
  Word,      ///< One of an enum.
  Settings,  ///< Names and their values.
  Table,     ///< A message.
};
ValueKind value_kind(const FieldDescriptor& field);

/// The fields that a publisher may say, in the schema's order: of a manifest the model, the
/// version, the license and 11 to 35; all of every other message.
std::vector<const FieldDescriptor*> said_fields(const Descriptor& type);
bool is_said(const FieldDescriptor& field);

/// The field's name, but "id" for License.spdx_expression.
std::string_view key_of(const FieldDescriptor& field);
/// By key or by the schema's name; null when there is none that a publisher may say.
const FieldDescriptor* find_field(const Descriptor& type, std::string_view key);

/// "pre-release" of STAGE_PRE_RELEASE.
std::string word_of(const EnumValueDescriptor& value);
std::vector<std::string> words_of(const EnumDescriptor& type);
/// Null when there is none.
const EnumValueDescriptor* find_word(const EnumDescriptor& type, std::string_view word);

}  // namespace owrd::card
