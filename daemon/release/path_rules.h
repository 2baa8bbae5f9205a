#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::release {

/// Checks one path of a release: relative, '/'-separated, NFC UTF-8; no empty, "." or ".." element; nothing that a
/// file system or a person could take for something else (control, format, bidi and private-use characters, the
/// characters :*?"<>|\, a trailing dot or space, names reserved on Windows); at most 8 elements, 255 bytes each,
/// 1024 in all. A path is refused, never repaired.
Result<> check_path(std::string_view path);

/// Checks all paths of a release together: no two that differ only by letter case (NFC and simple case folding), and no
/// path that is a directory of another.
Result<> check_paths(const std::vector<std::string>& paths);

/// The order of BEP 52's file tree: element by element, by raw bytes.
bool tree_order(std::string_view a, std::string_view b);

/// The file names that belong to owrd itself.
constexpr std::string_view kProofName = "release.owrd";
constexpr std::string_view kLayersName = "layers.owrd";

}  // namespace owrd::release
