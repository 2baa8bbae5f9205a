#include <toml++/toml.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <tuple>

#include "daemon/card/release_toml.h"
#include "daemon/card/schema.h"
#include "daemon/card/toml_values.h"
#include "daemon/core/suggest.h"
#include "daemon/core/text.h"

namespace owrd::card {
namespace {

using google::protobuf::Message;

struct Entry {
  const toml::key* key;
  const toml::node* value;
};

/// In the order of the file; toml++ keeps them sorted by key.
std::vector<Entry> entries_of(const toml::table& table) {
  std::vector<Entry> entries;
  for (const auto& [key, value] : table) entries.push_back({&key, &value});
  const auto place = [](const Entry& entry) {
    const auto& begin = entry.key->source().begin;
    return std::tuple(begin.line, begin.column);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
  return entries;
}

/// The parser may quote the file's own bytes; none that does not print may reach a terminal.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

/// What a key of the manifest is that release.toml may not set; empty when it is none.
std::string reserved(std::string_view key) {
  if (key == "trackers") return "is set by owrd publish --tracker";
  if (key == "private_swarm") return "is set by owrd publish --private";
  const auto* field = v1::Manifest::descriptor()->FindFieldByName(std::string(key));
  return field && !is_said(*field) ? "is computed by owrd" : "";
}

/// Fills messages from tables, whatever their type.
class Reader {
 public:
  explicit Reader(std::string_view file_name) : file_name_(file_name) {}

  Result<> read_file(const toml::table& table, ReleaseFile& file) const {
    for (const auto& entry : entries_of(table)) {
      const auto key = entry.key->str();
      Result<> done = Done{};
      if (key == "stated_label")
        done = read_stated_label(*entry.value, file);
      else if (key == "api_endpoints")
        done = read_endpoints(*entry.value, file);
      else
        done = read_entry(entry, file.said, "");
      if (!done) return done;
    }
    return Done{};
  }

  Error error_at(const toml::source_position& position, const std::string& what,
                 const std::string& hint) const {
    return {ErrorCode::InvalidInput,
            file_name_ + ":" + std::to_string(position.line) + ":" +
                std::to_string(position.column) + ": " + what,
            hint};
  }

 private:
  Error fault(const toml::node& value, const std::string& where, const Error& error) const {
    return error_at(value.source().begin, where + " " + error.message, error.hint);
  }
  Error fault(const toml::node& value, const std::string& where, const std::string& what,
              const std::string& hint = {}) const {
    return error_at(value.source().begin, where + " " + what, hint);
  }

  Result<> read_table(const toml::table& table, Message& message, const std::string& where) const {
    for (const auto& entry : entries_of(table))
      if (auto done = read_entry(entry, message, where + "."); !done) return done;
    return Done{};
  }

  Result<> read_entry(const Entry& entry, Message& message, const std::string& prefix) const {
    const auto& type = *message.GetDescriptor();
    const auto* field = find_field(type, entry.key->str());
    if (!field) return unknown_key(*entry.key, type, prefix);
    const auto where = prefix + std::string(entry.key->str());
    const auto& reflection = *message.GetReflection();
    const bool is_there = field->is_repeated() ? reflection.FieldSize(message, field) > 0
                                               : reflection.HasField(message, field);
    if (is_there) return fault(*entry.value, where, "is said twice, under two names");
    return field->is_repeated() ? read_list(*entry.value, message, *field, where)
                                : read_value(*entry.value, message, *field, where);
  }

  Error unknown_key(const toml::key& key, const Descriptor& type, const std::string& prefix) const {
    const auto name = prefix + printable(key.str());
    const auto& place = key.source().begin;
    const bool is_top = &type == v1::Manifest::descriptor();
    if (const auto what = reserved(key.str()); is_top && !what.empty())
      return error_at(place, name + " " + what, "take it out");
    std::vector<std::string_view> known;
    for (const auto* field : said_fields(type)) known.push_back(key_of(*field));
    if (is_top) known.insert(known.end(), {"stated_label", "api_endpoints"});
    const auto meant = nearest(key.str(), known);
    std::string hint = meant ? "did you mean \"" + *meant + "\"?" : "known are:";
    if (!meant)
      for (const auto& other : known) hint += " " + std::string(other);
    return error_at(place, name + " is not known", hint);
  }

  Result<> read_list(const toml::node& value, Message& message, const FieldDescriptor& field,
                     const std::string& where) const {
    const auto kind = value_kind(field);
    if (const auto* table = value.as_table(); table && kind == ValueKind::Settings)
      return read_settings(*table, message, field, where);
    const auto* list = value.as_array();
    if (!list && kind == ValueKind::Table)
      return fault(value, where, "must be a list of tables, not " + kind_name(value),
                   "write [[" + where + "]] above each");
    if (!list)
      return fault(value, where, "must be an array, not " + kind_name(value),
                   "put it in brackets: [ ]");
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto place = where + "[" + std::to_string(i) + "]";
      if (auto done = read_value((*list)[i], message, field, place); !done) return done;
    }
    return Done{};
  }

  Result<> read_settings(const toml::table& table, Message& message, const FieldDescriptor& field,
                         const std::string& where) const {
    for (const auto& entry : entries_of(table)) {
      const auto text = read_text(*entry.value);
      if (!text)
        return fault(*entry.value, where + "." + printable(entry.key->str()), text.error());
      auto& setting =
          dynamic_cast<v1::Setting&>(*message.GetReflection()->AddMessage(&message, &field));
      setting.set_name(std::string(entry.key->str()));
      setting.set_value(*text);
    }
    return Done{};
  }

  /// Sets the field, or adds to it when it is repeated.
  Result<> read_value(const toml::node& value, Message& message, const FieldDescriptor& field,
                      const std::string& where) const {
    const auto& reflection = *message.GetReflection();
    const bool adds = field.is_repeated();
    const auto put = [&](const auto& read, auto set, auto add) -> Result<> {
      if (!read) return fault(value, where, read.error());
      (reflection.*(adds ? add : set))(&message, &field, *read);
      return Done{};
    };
    using R = google::protobuf::Reflection;
    switch (value_kind(field)) {
      case ValueKind::Text:
        return put(read_text(value), &R::SetString, &R::AddString);
      case ValueKind::Digest:
        return put(read_digest(value), &R::SetString, &R::AddString);
      case ValueKind::Time:
        return put(read_time(value), &R::SetInt64, &R::AddInt64);
      case ValueKind::Flag:
        return put(read_flag(value), &R::SetBool, &R::AddBool);
      case ValueKind::Word:
        return put(read_word(value, *field.enum_type()), &R::SetEnumValue, &R::AddEnumValue);
      case ValueKind::Count:
        return read_number(value, message, field, where);
      default:
        return read_message(value, message, field, where);
    }
  }

  Result<> read_number(const toml::node& value, Message& message, const FieldDescriptor& field,
                       const std::string& where) const {
    assert(!field.is_repeated());
    const bool is_short = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
    const auto count = read_count(value, is_short ? std::numeric_limits<std::uint32_t>::max()
                                                  : std::numeric_limits<std::uint64_t>::max());
    if (!count) return fault(value, where, count.error());
    const auto& reflection = *message.GetReflection();
    if (is_short)
      reflection.SetUInt32(&message, &field, static_cast<std::uint32_t>(*count));
    else
      reflection.SetUInt64(&message, &field, *count);
    return Done{};
  }

  Result<> read_message(const toml::node& value, Message& message, const FieldDescriptor& field,
                        const std::string& where) const {
    const auto& reflection = *message.GetReflection();
    auto& inner = field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                      : *reflection.MutableMessage(&message, &field);
    if (const auto* table = value.as_table()) return read_table(*table, inner, where);
    const auto* text = value.as_string();
    if (!text || field.message_type() != v1::License::descriptor())
      return fault(value, where, "must be a table, not " + kind_name(value));
    dynamic_cast<v1::License&>(inner).set_spdx_expression(text->get());
    return Done{};
  }

  Result<> read_stated_label(const toml::node& value, ReleaseFile& file) const {
    auto text = read_text(value);
    if (!text) return fault(value, "stated_label", text.error());
    file.stated_label = *std::move(text);
    return Done{};
  }

  Result<> read_endpoints(const toml::node& value, ReleaseFile& file) const {
    const auto* list = value.as_array();
    if (!list)
      return fault(value, "api_endpoints", "must be an array, not " + kind_name(value),
                   "put it in brackets: [ ]");
    for (const auto& element : *list) {
      const auto where = "api_endpoints[" + std::to_string(file.api_endpoints.size()) + "]";
      auto text = read_text(element);
      if (!text) return fault(element, where, text.error());
      file.api_endpoints.push_back(*std::move(text));
    }
    return Done{};
  }

  std::string file_name_;
};

}  // namespace

Result<ReleaseFile> parse_release_toml(std::string_view text, std::string_view file_name) {
  if (text.size() > kReleaseTomlLimitBytes)
    return Error{ErrorCode::InvalidInput, std::string(file_name) + ": longer than 1 MiB"};
  const Reader reader(file_name);
  try {
    ReleaseFile file;
    if (const auto done = reader.read_file(toml::parse(text), file); !done) return done.error();
    return file;
  } catch (const toml::parse_error& error) {
    return reader.error_at(error.source().begin, printable(error.description()), "");
  }
}

}  // namespace owrd::card
