#pragma once

#include <string_view>
#include <vector>

#include "daemon/exports/json.h"
#include "daemon/trust/envelope.h"

/// DSSE's JSON form, to be put into others. Only for this room's own sources.
namespace owrd::exports {

constexpr std::string_view kInTotoType = "application/vnd.in-toto+json";

Json dsse_json(std::string_view payload_type, ByteView payload,
               const std::vector<trust::Signature>& signatures);

/// An in-toto Statement as the payload, with the signature of one key.
Json signed_statement(const Json& statement, const trust::SecretKey& key);

}  // namespace owrd::exports
