#include "daemon/release/citation.h"

#include "daemon/core/units.h"

namespace owrd::release {
namespace {

std::string title_of(const v1::Manifest& message) {
  return message.display_name().empty() ? message.model() : message.display_name();
}

std::string date_of(const Manifest& manifest) {
  return format_time(manifest.created()).substr(0, 10);
}

std::string id_of(const Manifest& manifest) { return "sha256:" + manifest.release_id().to_hex(); }

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& authors,
                   const std::string& between) {
  std::string out;
  for (const auto& author : authors) out += (out.empty() ? "" : between) + author;
  return out;
}

/// What TeX would take for a command is written as itself.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\textbackslash{}";
    else if (c == '~')
      out += "\\textasciitilde{}";
    else if (c == '^')
      out += "\\textasciicircum{}";
    else if (std::string_view("&%$#_{}").find(c) != std::string_view::npos)
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string key_of(const Manifest& manifest) {
  std::string out;
  for (const char c : manifest.model() + "-" + manifest.version())
    out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '-';
  return out;
}

}  // namespace

std::string citation_text(const Manifest& manifest, std::string_view publisher) {
  const auto& message = manifest.message();
  const auto& citation = message.citation();
  if (!citation.text().empty()) return citation.text() + " " + id_of(manifest) + "\n";
  auto out = joined(citation.authors(), ", ");
  if (out.empty()) out = publisher;
  if (!out.empty()) out += ". ";
  out += title_of(message) + ", version " + manifest.version() + ". " + date_of(manifest) + ".";
  if (!citation.doi().empty()) out += " https://doi.org/" + citation.doi() + ".";
  return out + " " + id_of(manifest) + "\n";
}

std::string citation_bibtex(const Manifest& manifest, std::string_view publisher) {
  const auto& message = manifest.message();
  const auto& citation = message.citation();
  if (!citation.bibtex().empty()) {
    const bool ends = citation.bibtex().back() == '\n';
    return "% " + id_of(manifest) + "\n" + citation.bibtex() + (ends ? "" : "\n");
  }
  std::string out = "@misc{" + key_of(manifest);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += ",\n  " + std::string(name) + " = {" + value + "}";
  };
  const auto authors = joined(citation.authors(), " and ");
  add("author", escaped(authors.empty() ? std::string(publisher) : authors));
  add("title", escaped(title_of(message)));
  add("year", date_of(manifest).substr(0, 4));
  add("version", escaped(manifest.version()));
  add("doi", escaped(citation.doi()));
  add("note", "Release " + id_of(manifest));
  return out + "\n}\n";
}

}  // namespace owrd::release
