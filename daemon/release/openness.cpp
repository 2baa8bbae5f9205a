#include "daemon/release/openness.h"

namespace owrd::release {

std::string_view to_string(Finding finding) {
  if (finding == Finding::Met) return "met";
  return finding == Finding::Unmet ? "unmet" : "undeclared";
}

bool may_say_open_source(const OpenSourceAi& elements) {
  return elements.data_information.finding == Finding::Met &&
         elements.code.finding == Finding::Met && elements.parameters.finding == Finding::Met;
}

std::string_view what_to_call(const OpenSourceAi& elements) {
  return may_say_open_source(elements) ? "open source" : "open weight";
}

Openness openness_of(const v1::Manifest& manifest) {
  return {open_weight_definition(manifest), open_source_ai(manifest),
          mof_class(licensed_components(manifest)), documentation_depth(manifest),
          classify_license(manifest.license().spdx_expression()).license_class};
}

}  // namespace owrd::release
