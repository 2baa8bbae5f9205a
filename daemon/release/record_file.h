#pragma once

#include <functional>
#include <string_view>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

/// Files of a first line and then records, each a 4-byte big-endian length and that many bytes.
namespace owrd::release {

/// No record of a feed or of attestations is longer.
constexpr std::size_t kRecordLimitBytes = 256 * 1024;

/// Calls `take` for each record of a file whose first line is `magic`; the first error ends it.
/// Corrupt, naming `what` and the place, when the file is not of that form.
Result<> for_each_record(ByteView file, std::string_view magic, const std::string& what,
                         const std::function<Result<>(ByteView)>& take);

void append_record(Bytes& file, ByteView record);

}  // namespace owrd::release
