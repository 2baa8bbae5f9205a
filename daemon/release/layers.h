#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/release/manifest.h"

namespace owrd::release {

/// The piece layers of a release's files, by path; only files of more than one piece have one.
using Layers = std::map<std::string, std::vector<Digest>>;

/// layers.owrd: the layers of all files but itself, in the manifest's order, 32 bytes a piece, and
/// nothing else.
Bytes encode_layers(const std::vector<std::string>& paths_in_order, const Layers& layers);
/// Its exact length for these files.
std::uint64_t layers_length(const std::vector<File>& files, std::uint64_t piece_length);
/// Takes layers.owrd apart. Each layer must fold to its file's root, the length must be exact.
Result<Layers> parse_layers(ByteView bytes, const Manifest& manifest);

}  // namespace owrd::release
