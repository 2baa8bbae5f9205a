#include "daemon/exports/cyclonedx.h"

#include "daemon/core/units.h"
#include "daemon/exports/cyclonedx_card.h"
#include "daemon/exports/names.h"
#include "daemon/release/lineage.h"

namespace owrd::exports {
namespace {

Json hashes_of(const Digest& sha256) {
  return Json::array({Json{{"alg", "SHA-256"}, {"content", sha256.to_hex()}}});
}

/// As an expression, which an SPDX id by itself is too.
Json licenses_of(const std::string& expression) {
  return Json::array({Json{{"expression", expression}}});
}

Json reference(const char* type, const std::string& url) {
  return Json{{"type", type}, {"url", url}};
}

bool is_url(const std::string& text) { return text.find("://") != text.npos; }

Json references_of(const v1::Manifest& message, const Origin& origin) {
  auto out = Json::array();
  const auto add_one = [&](const char* type, const std::string& url) {
    if (!url.empty()) out.push_back(reference(type, url));
  };
  add_one("distribution", origin.link);
  for (const auto& upstream : message.upstream()) add_one("source-distribution", upstream);
  const auto& contacts = message.contacts();
  const auto& security = contacts.security();
  add_one("security-contact",
          security.empty() || is_url(security) ? security : "mailto:" + security);
  for (const auto& feedback : contacts.feedback())
    if (is_url(feedback)) add_one("issue-tracker", feedback);
  if (!message.citation().doi().empty())
    add_one("documentation", "https://doi.org/" + message.citation().doi());
  add_one("license", message.license().url());
  for (const auto& benchmark : message.benchmarks()) add_one("evidence", benchmark.source_url());
  return out;
}

Json file_component(const release::File& file, std::size_t number) {
  return Json{
      {"type", file.role == v1::FILE_ROLE_WEIGHTS ? "data" : "file"},
      {"bom-ref", "file-" + std::to_string(number)},
      {"name", file.path},
      {"hashes", hashes_of(file.sha256)},
      {"properties",
       Json::array({Json{{"name", "owrd:lengthBytes"}, {"value", std::to_string(file.length)}}})}};
}

Json files_of(const release::Manifest& manifest) {
  auto out = Json::array();
  for (const auto& file : manifest.files()) out.push_back(file_component(file, out.size() + 1));
  return out;
}

Json ancestor(const v1::Lineage& parent) {
  Json out{{"type", "machine-learning-model"}, {"name", release::name_of(parent)}};
  if (!parent.license().empty()) out["licenses"] = licenses_of(parent.license());
  add(out, "purl", parent.purl());
  auto properties = Json::array(
      {Json{{"name", "owrd:relation"}, {"value", release::to_string(parent.relation())}}});
  if (!parent.release_id().empty())
    properties.push_back(Json{{"name", "owrd:releaseId"},
                              {"value", "sha256:" + to_hex(as_bytes(parent.release_id()))}});
  out["properties"] = std::move(properties);
  return out;
}

Json ancestors_of(const v1::Manifest& message) {
  auto out = Json::array();
  for (const auto& parent : message.derived_from()) out.push_back(ancestor(parent));
  return out;
}

Json authors_of(const v1::Manifest& message) {
  auto out = Json::array();
  for (const auto& author : message.citation().authors()) out.push_back(Json{{"name", author}});
  return out;
}

Json identity_of(const release::Manifest& manifest) {
  return Json::array({Json{{"name", "owrd:releaseId"}, {"value", release_id_text(manifest)}},
                      Json{{"name", "owrd:publisherId"},
                           {"value", "sha256:" + manifest.publisher_id().to_hex()}}});
}

Json model_of(const release::Manifest& manifest, const Origin& origin) {
  const auto& message = manifest.message();
  Json out{{"type", "machine-learning-model"}, {"bom-ref", "model"}};
  if (!origin.publisher.empty()) out["supplier"] = Json{{"name", origin.publisher}};
  add_list(out, "authors", authors_of(message));
  out["name"] = manifest.model();
  out["version"] = manifest.version();
  add(out, "description", message.summary());
  out["licenses"] = licenses_of(manifest.license());
  out["purl"] = package_url(manifest);
  if (auto ancestors = ancestors_of(message); !ancestors.empty())
    out["pedigree"] = Json{{"ancestors", std::move(ancestors)}};
  add_list(out, "externalReferences", references_of(message, origin));
  if (auto card = cyclonedx_card(manifest); !card.empty()) out["modelCard"] = std::move(card);
  out["properties"] = identity_of(manifest);
  add_list(out, "tags", list_of(message.tags()));
  return out;
}

Json dependencies_of(const Json& files) {
  auto names = Json::array();
  for (const auto& file : files) names.push_back(file["bom-ref"]);
  return Json::array({Json{{"ref", "model"}, {"dependsOn", std::move(names)}}});
}

}  // namespace

Exported cyclonedx(const release::Manifest& manifest, const Origin& origin) {
  auto files = files_of(manifest);
  auto dependencies = dependencies_of(files);
  const Json bom{{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
                 {"bomFormat", "CycloneDX"},
                 {"specVersion", "1.6"},
                 {"serialNumber", "urn:uuid:" + uuid_of(manifest, "cyclonedx")},
                 {"version", 1},
                 {"metadata", Json{{"timestamp", format_time(manifest.created())},
                                   {"component", model_of(manifest, origin)}}},
                 {"components", std::move(files)},
                 {"dependencies", std::move(dependencies)}};
  return {"application/vnd.cyclonedx+json; version=1.6", manifest.dir() + ".cdx.json", pretty(bom)};
}

}  // namespace owrd::exports
