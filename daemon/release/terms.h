#pragma once

#include <optional>
#include <string_view>

#include "daemon/core/digest.h"
#include "daemon/release/manifest.h"

namespace owrd::release {

/// What is accepted when somebody accepts the terms of a release: the SHA-256 of the licence's text
/// or, where the release holds none, of the lines `spdx_expression`, `name` and `url` of its
/// manifest. Terms that change have another.
Digest terms_digest(const Manifest& manifest);

/// Whether the terms want to be accepted before the release is used.
bool asks_for_acceptance(const Manifest& manifest);

/// Whether a file may be had before the terms are accepted: it states them, or says what the
/// release is.
bool is_about_release(const File& file);

}  // namespace owrd::release
