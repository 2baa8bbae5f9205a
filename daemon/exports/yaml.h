#pragma once

#include <string>

#include "daemon/exports/json.h"

namespace owrd::exports {

/// An object as a YAML 1.2 block, which YAML 1.1 reads alike: every text is in double quotes, so
/// that none is taken for a number, a date or a truth value. Only for this room's own sources.
std::string to_yaml(const Json& object);

}  // namespace owrd::exports
