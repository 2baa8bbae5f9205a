#pragma once

#include <optional>
#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "owrd/v1/control.pb.h"

namespace owrd::cli {

enum class SourceKind { Magnet, Url, File, Ref };

/// What the text looks like: `magnet:`, a URL, the path of a file (with a directory in front, the
/// ending .owr or .owrp, or of a file that is there), else a ref.
SourceKind kind_of_source(const std::string& text);

/// Reads a .owr or .owrp from a file or over HTTPS and checks its form.
Result<Bytes> read_bundle(const std::string& path_or_url);

/// Puts the source of a Get into `request`, checked as far as it can be here.
Result<> set_source(const std::string& text, v1::GetRequest& request);

/// "1.5" is a ratio, "7d" a time, "true" (the flag alone) no limit.
Result<v1::SeedLimit> parse_seed_limit(const std::string& text);

/// A ref, or a directory when the text has a '/' in front or is "." or is a directory that no ref
/// names.
bool is_directory_target(const std::string& text);

}  // namespace owrd::cli
