#pragma once

#include <cstdint>
#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

namespace owrd::web {

/// Fetches a small file over HTTPS, and over nothing else, redirects included; honours HTTPS_PROXY,
/// NO_PROXY and SSL_CERT_FILE. Unavailable when the server cannot be reached or its certificate is
/// not good, NotFound for 404 and 410, InvalidInput when it is too long.
Result<Bytes> fetch_https(const std::string& url, std::uint64_t limit_bytes);

}  // namespace owrd::web
