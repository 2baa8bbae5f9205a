#pragma once

#include <string_view>

namespace owrd::release {

/// Whether version `a` comes before version `b`, both valid, by SemVer 2.0.0 section 11.
bool version_before(std::string_view a, std::string_view b);

/// Has a part after '-': never chosen by a name that does not say so.
bool is_pre_release(std::string_view version);

}  // namespace owrd::release
