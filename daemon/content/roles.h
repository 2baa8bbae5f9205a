#pragma once

#include <string>

#include "daemon/weights/format.h"
#include "owrd/v1/release.pb.h"

namespace owrd::content {

/// What a file is for, by what its bytes are and, for all that is not weights, by its name.
v1::FileRole role_of(const std::string& path, weights::Format format);

}  // namespace owrd::content
