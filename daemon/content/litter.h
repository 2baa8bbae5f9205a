#pragma once

#include <string_view>

namespace owrd::content {

/// Why a file or directory of this name is no part of a release ("version control", "left by an
/// editor"); empty when it may well be one.
std::string_view litter_reason(std::string_view name);

}  // namespace owrd::content
