#pragma once

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

namespace google::protobuf {
class Descriptor;
}

namespace owrd::trust {

enum class UnknownFields { Refuse, Tolerate };

/// Checks that `wire` is the one strict form of a message of this type, so that no two readers can
/// understand it differently: ascending field numbers, no repeated singular field, shortest
/// varints, no groups, packed scalars, valid UTF-8 in strings, at most 8 levels, no bytes left
/// over. (The rules of Cosmos ADR-027.)
Result<> lint_wire(ByteView wire, const google::protobuf::Descriptor& type, UnknownFields unknown);

}  // namespace owrd::trust
