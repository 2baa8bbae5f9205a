#pragma once

#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

namespace owrd::release {

/// The fields of a manifest that its publisher says, beside the licence.
constexpr int kFirstSaidField = 11;
constexpr int kLastSaidField = 35;

/// Checks the form of what a manifest's publisher says of the release, fields 11 to 35 and those of
/// the licence beside its expression and text: lengths, paths among the files, decimal numbers,
/// URLs, digests of 32 bytes, stages in their order. The error begins with the field at fault, such
/// as `recipe.guide_path`.
Result<> check_description(const v1::Manifest& message);

/// Of a manifest only what its publisher says: the licence, and fields 11 to 35.
v1::Manifest publishers_part(const v1::Manifest& message);

}  // namespace owrd::release
