#include "daemon/release/lineage.h"

#include "daemon/core/bytes.h"

namespace owrd::release {
namespace {

std::string line_of(const v1::Lineage& parent) {
  const auto name = name_of(parent);
  std::string out = "  " + std::string(to_string(parent.relation())) + " of " + name;
  if (!parent.purl().empty() && parent.purl() != name) out += "  " + parent.purl();
  if (!parent.release_id().empty()) {
    const auto id = "sha256:" + to_hex(as_bytes(parent.release_id()));
    if (id != name) out += "  " + id;
  }
  return out + "  licence " + (parent.license().empty() ? "not stated" : parent.license()) + "\n";
}

}  // namespace

std::string_view to_string(v1::Relation relation) {
  switch (relation) {
    case v1::RELATION_FINETUNE:
      return "finetune";
    case v1::RELATION_ADAPTER:
      return "adapter";
    case v1::RELATION_MERGE:
      return "merge";
    case v1::RELATION_QUANTIZED:
      return "quantized";
    case v1::RELATION_DISTILLED:
      return "distilled";
    case v1::RELATION_CONVERTED:
      return "converted";
    default:
      return "derived";
  }
}

std::string_view hugging_face_relation(v1::Relation relation) {
  switch (relation) {
    case v1::RELATION_FINETUNE:
    case v1::RELATION_ADAPTER:
    case v1::RELATION_MERGE:
    case v1::RELATION_QUANTIZED:
      return to_string(relation);
    default:
      return "";
  }
}

std::string name_of(const v1::Lineage& parent) {
  if (!parent.name().empty()) return parent.name();
  if (!parent.purl().empty()) return parent.purl();
  if (!parent.release_id().empty()) return "sha256:" + to_hex(as_bytes(parent.release_id()));
  return "a model that is not named";
}

std::string lineage_text(const v1::Manifest& manifest) {
  std::string out = manifest.model() + " " + manifest.version() + "  licence " +
                    manifest.license().spdx_expression() + "\n";
  for (const auto& parent : manifest.derived_from()) out += line_of(parent);
  if (manifest.derived_from_size() == 0) out += "  made of: not provided\n";
  return out;
}

}  // namespace owrd::release
