#include <algorithm>
#include <cassert>
#include <set>

#include "daemon/card/release_toml.h"
#include "daemon/card/release_toml_rows.h"
#include "daemon/card/schema.h"
#include "daemon/card/time_text.h"
#include "daemon/card/toml_text.h"
#include "daemon/core/bytes.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"

namespace owrd::card {
namespace {

using google::protobuf::Message;

constexpr std::string_view kHeader =
    "# What the publisher says of this release. All of it is signed with the release.\n"
    "# A line that begins with # and no space is a key that is not said: take the # away to say "
    "it.\n";

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// {learning_rate = "3e-4"}; where a name is there twice, which a table cannot have, a list.
std::string settings_text(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  std::vector<std::string> table, list;
  std::set<std::string> names;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& setting =
        dynamic_cast<const v1::Setting&>(reflection.GetRepeatedMessage(message, &field, i));
    const auto value = toml_string(setting.value());
    names.insert(setting.name());
    table.push_back(toml_key(setting.name()) + " = " + value);
    list.push_back("{name = " + toml_string(setting.name()) + ", value = " + value + "}");
  }
  return names.size() == table.size() ? "{" + joined(table) + "}" : "[" + joined(list) + "]";
}

/// Empty for what no date of a release.toml can be.
std::string time_value(std::int64_t time) {
  const auto text = format_time(time);
  return parse_time(text) ? text : "";
}

/// The element `i` of a repeated field, or the value of another; empty for a word that the schema
/// does not have, and for what is no time.
std::string element_text(const Message& message, const FieldDescriptor& field, int i) {
  const auto& r = *message.GetReflection();
  const bool many = field.is_repeated();
  const auto text = [&] {
    return many ? r.GetRepeatedString(message, &field, i) : r.GetString(message, &field);
  };
  switch (value_kind(field)) {
    case ValueKind::Text:
      return toml_string(text());
    case ValueKind::Digest:
      return '"' + to_hex(as_bytes(text())) + '"';
    case ValueKind::Word: {
      const int number =
          many ? r.GetRepeatedEnumValue(message, &field, i) : r.GetEnumValue(message, &field);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return value ? '"' + word_of(*value) + '"' : "";
    }
    case ValueKind::Time:
      return time_value(r.GetInt64(message, &field));
    case ValueKind::Flag:
      return r.GetBool(message, &field) ? "true" : "false";
    default:
      return toml_count(field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32
                            ? r.GetUInt32(message, &field)
                            : r.GetUInt64(message, &field));
  }
}

/// Of a field that is no table; empty when nothing is said.
std::string value_text(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated())
    return reflection.HasField(message, &field) ? element_text(message, field, 0) : "";
  if (reflection.FieldSize(message, &field) == 0) return "";
  if (value_kind(field) == ValueKind::Settings) return settings_text(message, field);
  std::vector<std::string> elements;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i)
    if (auto element = element_text(message, field, i); !element.empty())
      elements.push_back(std::move(element));
  return elements.empty() ? "" : "[" + joined(elements) + "]";
}

std::string comment_of(const Row& row, const FieldDescriptor* field) {
  std::string comment = "# " + std::string(row.comment);
  if (field && value_kind(*field) == ValueKind::Word) {
    std::string words;
    for (const auto& word : words_of(*field->enum_type()))
      words += (words.empty() ? "" : ", ") + word;
    comment += ". One of: " + words;
  }
  return comment + "\n";
}

bool is_table(const FieldDescriptor& field) { return value_kind(field) == ValueKind::Table; }

/// Writes tables, whatever their type: first the keys, for TOML wants them before the tables below.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  /// All fields of `message`, with comments.
  void write(const Message& message, const std::string& where) {
    write_keys(message);
    write_tables(message, where);
  }

  void write_keys(const Message& message) {
    for (const auto* field : said_fields(*message.GetDescriptor()))
      if (!is_table(*field)) write_key(message, *field);
  }

  void write_tables(const Message& message, const std::string& where) {
    for (const auto* field : said_fields(*message.GetDescriptor()))
      if (is_table(*field)) write_table(message, *field, where + std::string(key_of(*field)));
  }

  void write_line(const Row& row, const FieldDescriptor* field, std::string_view key,
                  const std::string& value) {
    out_ += '\n' + comment_of(row, field);
    out_ += value.empty() ? "#" : "";
    out_ += std::string(key) + " = " + (value.empty() ? std::string(row.example) : value) + '\n';
  }

 private:
  void write_key(const Message& message, const FieldDescriptor& field) {
    const auto* row = find_row(field);
    assert(row);
    write_line(*row, &field, key_of(field), value_text(message, field));
  }

  void write_table(const Message& message, const FieldDescriptor& field, const std::string& path) {
    const auto* row = find_row(field);
    assert(row);
    out_ += "\n\n" + comment_of(*row, nullptr);
    const auto& reflection = *message.GetReflection();
    if (field.is_repeated()) return write_list(message, field, path);
    write_header(path, "[", "]", reflection.HasField(message, &field));
    write(reflection.GetMessage(message, &field), path + ".");
  }

  /// The first with all comments, the others without; when there is none, an empty one as example.
  void write_list(const Message& message, const FieldDescriptor& field, const std::string& path) {
    const auto& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, &field);
    write_header(path, "[[", "]]", size > 0);
    const auto* example =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(field.message_type());
    write(size > 0 ? reflection.GetRepeatedMessage(message, &field, 0) : *example, path + ".");
    for (int i = 1; i < size; ++i) {
      out_ += '\n';
      write_header(path, "[[", "]]", true);
      write_said(reflection.GetRepeatedMessage(message, &field, i), path + ".");
    }
  }

  void write_header(const std::string& path, const char* open, const char* close, bool is_there) {
    out_ += (is_there ? "" : "#") + (open + path) + close + '\n';
  }

  /// Only what is there, without comments.
  void write_said(const Message& message, const std::string& where) {
    const auto fields = said_fields(*message.GetDescriptor());
    for (const auto* field : fields)
      if (!is_table(*field))
        if (const auto value = value_text(message, *field); !value.empty())
          out_ += std::string(key_of(*field)) + " = " + value + '\n';
    for (const auto* field : fields)
      if (is_table(*field)) write_said_tables(message, *field, where + std::string(key_of(*field)));
  }

  void write_said_tables(const Message& message, const FieldDescriptor& field,
                         const std::string& path) {
    const auto& reflection = *message.GetReflection();
    if (!field.is_repeated()) {
      if (!reflection.HasField(message, &field)) return;
      out_ += '\n';
      write_header(path, "[", "]", true);
      return write_said(reflection.GetMessage(message, &field), path + ".");
    }
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      out_ += '\n';
      write_header(path, "[[", "]]", true);
      write_said(reflection.GetRepeatedMessage(message, &field, i), path + ".");
    }
  }

  std::string& out_;
};

std::string endpoints_text(const ReleaseFile& known) {
  std::vector<std::string> urls;
  for (const auto& url : known.api_endpoints) urls.push_back(toml_string(url));
  return urls.empty() ? "" : "[" + joined(urls) + "]";
}

}  // namespace

std::string write_release_toml(const ReleaseFile& known, const std::vector<std::string>& remarks) {
  std::string out(kHeader);
  if (!remarks.empty()) out += "#\n";
  for (const auto& remark : remarks)
    out += "# " + (is_plain_line(remark) ? remark : quoted(remark)) + '\n';
  Writer writer(out);
  writer.write_keys(known.said);
  const auto label = known.stated_label.empty() ? "" : toml_string(known.stated_label);
  writer.write_line(*find_row("ReleaseFile.stated_label"), nullptr, "stated_label", label);
  writer.write_line(*find_row("ReleaseFile.api_endpoints"), nullptr, "api_endpoints",
                    endpoints_text(known));
  writer.write_tables(known.said, "");
  return out;
}

}  // namespace owrd::card
