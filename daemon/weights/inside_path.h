#pragma once

#include <string_view>

namespace owrd::weights {

/// Whether a path stays in the folder that it is read in, on every system: relative, on one line,
/// with '/' alone between its parts, none of which is empty, "." or "..".
bool is_inside_path(std::string_view path);

}  // namespace owrd::weights
