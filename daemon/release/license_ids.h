#pragma once

#include <span>
#include <string_view>

namespace owrd::release {

/// The SPDX ids that model releases are met under, from the SPDX licence list 3.24 (deprecated ids
/// left out), with OpenMDW-1.0 of list 3.28; and the exceptions that may follow WITH.
std::span<const std::string_view> known_license_ids();
std::span<const std::string_view> known_exception_ids();

}  // namespace owrd::release
