#include "daemon/release/description_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "daemon/core/bytes.h"
#include "daemon/core/units.h"
#include "daemon/release/description.h"

namespace owrd::release {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// "in-release" for AVAILABILITY_IN_RELEASE.
std::string short_name(const google::protobuf::EnumValueDescriptor& value) {
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (c >= 'A' && c <= 'Z' && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  std::string name = value.name().substr(prefix.size() + 1);
  for (auto& c : name) c = static_cast<char>(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c + 32 : c);
  return name;
}

bool is_time(const FieldDescriptor& field) {
  return field.name() == "opens" || field.name() == "performed" || field.name() == "measured";
}

class Printer {
 public:
  std::string finish() { return std::move(out_); }

  void line(int depth, const std::string& name, const std::string& value) {
    out_ += std::string(static_cast<std::size_t>(depth) * 2, ' ') + name +
            (value.empty() ? "" : "  " + value) + "\n";
  }

  void field(const Message& message, const FieldDescriptor& field, int depth) {
    const auto& reflection = *message.GetReflection();
    if (!field.is_repeated()) return value(message, field, -1, depth);
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) value(message, field, i, depth);
  }

 private:
  void fields(const Message& message, int depth) {
    std::vector<const FieldDescriptor*> present;
    message.GetReflection()->ListFields(message, &present);
    for (const auto* each : present) field(message, *each, depth);
  }

  void value(const Message& message, const FieldDescriptor& field, int i, int depth) {
    const auto& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      line(depth, field.name(), "");
      return fields(i < 0 ? reflection.GetMessage(message, &field)
                          : reflection.GetRepeatedMessage(message, &field, i),
                    depth + 1);
    }
    line(depth, field.name(), scalar(message, field, i));
  }

  static std::string scalar(const Message& message, const FieldDescriptor& field, int i) {
    const auto& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const auto text = i < 0 ? reflection.GetString(message, &field)
                                : reflection.GetRepeatedString(message, &field, i);
        return field.type() == FieldDescriptor::TYPE_BYTES ? "sha256:" + to_hex(as_bytes(text))
                                                           : text;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto number = reflection.GetInt64(message, &field);
        return is_time(field) ? format_time(number) : std::to_string(number);
      }
      case FieldDescriptor::CPPTYPE_UINT64:
        return std::to_string(reflection.GetUInt64(message, &field));
      case FieldDescriptor::CPPTYPE_UINT32:
        return std::to_string(reflection.GetUInt32(message, &field));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.GetBool(message, &field) ? "yes" : "no";
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int number = i < 0 ? reflection.GetEnumValue(message, &field)
                                 : reflection.GetRepeatedEnumValue(message, &field, i);
        const auto* known = field.enum_type()->FindValueByNumber(number);
        return known ? short_name(*known) : "unknown (" + std::to_string(number) + ")";
      }
      default:
        return "";
    }
  }

  std::string out_;
};

bool is_there(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) != 0;
  std::vector<const FieldDescriptor*> present;
  reflection.ListFields(message, &present);
  return std::find(present.begin(), present.end(), &field) != present.end();
}

}  // namespace

std::string description_text(const v1::Manifest& manifest, const std::vector<std::string>& fields) {
  Printer printer;
  for (const auto& name : fields) {
    const auto* field = v1::Manifest::descriptor()->FindFieldByName(name);
    if (!field || !is_there(manifest, *field))
      printer.line(0, name, "not provided");
    else
      printer.field(manifest, *field, 0);
  }
  return printer.finish();
}

std::vector<std::string> said_fields() {
  std::vector<std::string> names;
  const auto& descriptor = *v1::Manifest::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i)
    if (descriptor.field(i)->number() >= kFirstSaidField &&
        descriptor.field(i)->number() <= kLastSaidField)
      names.push_back(descriptor.field(i)->name());
  return names;
}

}  // namespace owrd::release
