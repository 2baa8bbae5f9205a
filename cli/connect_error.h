#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/result.h"

namespace owrd::cli {

/// The error that a Connect reply carries: `{"code":…,"message":…,"details":[…]}`, with hint and
/// exit code from its owrd.v1.ErrorInfo detail. `http_status` decides when there is no such JSON.
Error parse_connect_error(std::string_view json, long http_status);

/// What the last envelope of a stream says: nothing when it ended well.
std::optional<Error> parse_end_of_stream(std::string_view json);

/// Standard base64, with or without padding; nothing when it is neither.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace owrd::cli
