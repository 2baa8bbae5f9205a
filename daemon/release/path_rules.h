#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::release {

/// Checks one path of a release: relative, '/'-separated, NFC UTF-8; no empty, "." or ".." element;
/// nothing that a file system or a person could take for something else (control, format, bidi,
/// private-use, unassigned and invisible characters, spaces other than the plain one, the
/// characters :*?"<>|\, a trailing dot or space, names reserved on Windows); at most 8 elements,
/// 255 bytes each, 1024 in all. A path is refused, never repaired.
Result<> check_path(std::string_view path);

/// What check_path() would say after the path: "is absolute", "has an empty element"; nothing for a
/// good one.
std::optional<std::string> find_path_fault(std::string_view path);

/// Checks all paths of a release, each by itself and together: no path twice, no two files or
/// directories that differ only by letter case (full case folding and NFC, as ext4's casefold), and
/// no path that is a directory of another.
Result<> check_paths(const std::vector<std::string>& paths);

/// The order of BEP 52's file tree: element by element, by raw bytes.
bool tree_order(std::string_view a, std::string_view b);

/// The file names that belong to owrd itself.
constexpr std::string_view kProofName = "release.owrd";
constexpr std::string_view kLayersName = "layers.owrd";
constexpr std::string_view kTensorsName = "tensors.owrd";

}  // namespace owrd::release
