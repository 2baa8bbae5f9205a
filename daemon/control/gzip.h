#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/control/connect_error.h"

/// The gzip format (RFC 1952), which messages may be compressed in.
namespace owrd::control {

std::string gzip(std::string_view bytes);

/// What a request holds in gzip, if that is no more than `limit_bytes`: "resource_exhausted" when
/// it is, found out without decompressing the rest; "invalid_argument" when `bytes` is not one or
/// more whole members of gzip, and nothing else.
RpcResult<std::string> gunzip(std::string_view bytes, std::uint64_t limit_bytes);

}  // namespace owrd::control
