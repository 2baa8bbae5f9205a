#pragma once

#include <string>

#include "daemon/exports/json.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// Grows the "@graph" of an SPDX document: elements with their ids and the creation info that all
/// share. Only for this room's own sources.
class SpdxGraph {
 public:
  explicit SpdxGraph(const release::Manifest& manifest);

  /// The IRI of the document, and of an element within it.
  const std::string& document_id() const { return document_id_; }
  std::string id_of(const std::string& element) const { return document_id_ + "#" + element; }

  /// Type, id and creation info, to which `members` are added; gives the id.
  std::string add_element(const char* type, const std::string& element, const Json& members);
  void relate(const std::string& from, const char* relationship, const Json& to);

  /// The document around all elements, of which `root` is the one that it is about; `profiles` are
  /// those whose rules all of it keeps.
  Json finish(const std::string& root, const std::string& name, const Json& profiles) const;

 private:
  std::string document_id_;
  std::string created_;
  Json elements_ = Json::array();
  Json ids_ = Json::array();
  int relationships_ = 0;
};

Json spdx_sha256(std::string_view hex);

}  // namespace owrd::exports
