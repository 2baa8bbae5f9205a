#pragma once

#include <string_view>

/// What others say of a licence, by its SPDX id (deprecated ids too).
namespace owrd::release {

/// The Open Source Initiative, by the SPDX licence list.
bool is_osi_approved(std::string_view id);
/// The Free Software Foundation, by the SPDX licence list.
bool is_fsf_libre(std::string_view id);
/// Open data by the Model Openness Tool: CC0, CC-BY, CC-BY-SA, CDLA and Open Data Commons.
bool is_open_data(std::string_view id);
/// OpenMDW, made for all parts of a model.
bool is_open_model_license(std::string_view id);

}  // namespace owrd::release
