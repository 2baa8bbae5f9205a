#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "daemon/release/license_classes.h"

/// The table behind classify_license().
namespace owrd::release {

/// Class, flags and grants of one id: an SPDX id, or what comes after "LicenseRef-hf-" for terms
/// that SPDX has no id for. The approvals are not filled in.
std::optional<LicenseTerms> find_license(std::string_view id);

/// The ids after "LicenseRef-hf-" that the table has.
std::vector<std::string_view> own_terms();

}  // namespace owrd::release
