#include <algorithm>
#include <cassert>

#include "daemon/card/release_toml.h"
#include "daemon/card/release_toml_rows.h"
#include "daemon/card/schema.h"

namespace owrd::card {
namespace {

constexpr std::string_view kIntroduction = R"(# release.toml

What a publisher says of a release, as `owrd publish` reads it and signs it. All keys may be absent; nothing is guessed.
What `owrd` computes (files, digests, sizes, times) cannot be said here.

- Numbers that are signed as text (`value = "0.713"`) are strings: they are kept as they are written.
- Dates are TOML dates (`2026-03-31`, midnight in UTC) or times with their offset (`2026-03-31T08:15:00Z`).
- Digests and release ids are 64 hex digits, perhaps after `sha256:`.
- Paths are those of the release's files, with `/` between their parts.
- `license = "Apache-2.0"` is short for `license.id = "Apache-2.0"`.
- Names and values (`hyperparameters`, `suggested`) are a table of strings, or a list of `{name = "…", value = "…"}`.

This page is made from the schema and the table that the commented file is made from.
)";

/// A kind of table and the places where it stands: "[code.training]", "[[benchmarks]]".
struct Section {
  const Descriptor* type;
  std::vector<std::string> places;
};

void add_section(std::vector<Section>& sections, const Descriptor& type, const std::string& place) {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const Section& section) { return section.type == &type; });
  if (found == sections.end())
    sections.push_back({&type, {place}});
  else
    found->places.push_back(place);
}

void find_sections(const Descriptor& type, const std::string& prefix,
                   std::vector<Section>& sections) {
  for (const auto* field : said_fields(type)) {
    if (value_kind(*field) != ValueKind::Table) continue;
    const auto path = prefix + std::string(key_of(*field));
    const auto& inner = *field->message_type();
    add_section(sections, inner, field->is_repeated() ? "[[" + path + "]]" : "[" + path + "]");
    find_sections(inner, path + ".", sections);
  }
}

std::string words_text(const EnumDescriptor& type) {
  std::string text;
  for (const auto& word : words_of(type)) text += (text.empty() ? "`" : ", `") + word + "`";
  return text;
}

std::string type_text(const FieldDescriptor& field) {
  const bool many = field.is_repeated();
  switch (value_kind(field)) {
    case ValueKind::Text:
      return many ? "list of strings" : "string";
    case ValueKind::Digest:
      return "digest";
    case ValueKind::Time:
      return "date or time";
    case ValueKind::Count:
      return "integer";
    case ValueKind::Flag:
      return "true or false";
    case ValueKind::Word:
      return (many ? "list of: " : "one of: ") + words_text(*field.enum_type());
    case ValueKind::Settings:
      return "table of strings";
    default:
      return many ? "list of tables" : "table";
  }
}

std::string line_of(std::string_view key, const Row& row, const std::string& type) {
  const auto example = row.example.empty() ? std::string() : "`" + std::string(row.example) + "`";
  return "| `" + std::string(key) + "` | " + type + " | " + std::string(row.comment) + " | " +
         example + " |\n";
}

std::string lines_of(const Descriptor& type) {
  std::string text = "| key | type | meaning | example |\n|---|---|---|---|\n";
  for (const auto* field : said_fields(type)) {
    const auto* row = find_row(*field);
    assert(row);
    text += line_of(key_of(*field), *row, type_text(*field));
  }
  return text;
}

std::string heading_of(const Section& section) {
  std::string heading;
  for (const auto& place : section.places) heading += (heading.empty() ? "`" : ", `") + place + "`";
  return "\n## " + heading + "\n\n";
}

}  // namespace

std::string release_toml_reference() {
  const auto& manifest = *v1::Manifest::descriptor();
  std::string page(kIntroduction);
  page += "\n## At the top\n\n" + lines_of(manifest);
  page += line_of("stated_label", *find_row("ReleaseFile.stated_label"), "string");
  page += line_of("api_endpoints", *find_row("ReleaseFile.api_endpoints"), "list of strings");
  std::vector<Section> sections;
  find_sections(manifest, "", sections);
  for (const auto& section : sections) page += heading_of(section) + lines_of(*section.type);
  return page;
}

}  // namespace owrd::card
