#include "daemon/exports/spdx_graph.h"

#include "daemon/core/units.h"
#include "daemon/exports/names.h"

namespace owrd::exports {
namespace {

constexpr auto kCreationInfo = "_:creation";

Json element_of(const char* type, const std::string& id, const Json& members) {
  Json out{{"type", type}, {"spdxId", id}, {"creationInfo", kCreationInfo}};
  out.update(members);
  return out;
}

}  // namespace

SpdxGraph::SpdxGraph(const release::Manifest& manifest)
    : document_id_("urn:uuid:" + uuid_of(manifest, "spdx")),
      created_(format_time(manifest.created())) {}

std::string SpdxGraph::add_element(const char* type, const std::string& element,
                                   const Json& members) {
  const auto id = id_of(element);
  elements_.push_back(element_of(type, id, members));
  ids_.push_back(id);
  return id;
}

void SpdxGraph::relate(const std::string& from, const char* relationship, const Json& to) {
  if (to.empty()) return;
  add_element("Relationship", "relationship-" + std::to_string(++relationships_),
              Json{{"from", from}, {"relationshipType", relationship}, {"to", to}});
}

Json SpdxGraph::finish(const std::string& root, const std::string& name,
                       const Json& profiles) const {
  auto graph = Json::array();
  graph.push_back(Json{{"type", "CreationInfo"},
                       {"@id", kCreationInfo},
                       {"specVersion", "3.0.1"},
                       {"created", created_},
                       {"createdBy", Json::array({id_of("publisher")})}});
  graph.push_back(element_of("SpdxDocument", document_id_,
                             Json{{"name", name},
                                  {"profileConformance", profiles},
                                  {"rootElement", Json::array({id_of("bom")})}}));
  graph.push_back(element_of("software_Sbom", id_of("bom"),
                             Json{{"profileConformance", profiles},
                                  {"rootElement", Json::array({root})},
                                  {"element", ids_},
                                  {"software_sbomType", Json::array({"analyzed"})}}));
  for (const auto& element : elements_) graph.push_back(element);
  return Json{{"@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"},
              {"@graph", std::move(graph)}};
}

Json spdx_sha256(std::string_view hex) {
  return Json::array({Json{{"type", "Hash"}, {"algorithm", "sha256"}, {"hashValue", hex}}});
}

}  // namespace owrd::exports
