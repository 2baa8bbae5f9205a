#pragma once

#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/wire_lint.h"

namespace owrd::trust {

/// "root", "manifest" and so on: how errors begin.
const char* name_of(PayloadKind kind);
/// What to do about a signed object that is refused.
const char* remedy_of(PayloadKind kind);

/// Corrupt, "head: <cause>".
Error refused(PayloadKind kind, const std::string& cause);

/// A field of 32 bytes that is a digest; `what` names it, such as "the release id".
Result<Digest> read_digest(PayloadKind kind, const std::string& field, const char* what);

/// The message in the payload of an envelope, in strict form and without fields that are not known.
template <class Message>
Result<Message> parse_payload(PayloadKind kind, ByteView payload) {
  const auto strict = lint_wire(payload, *Message::descriptor(), UnknownFields::Refuse);
  if (!strict) return refused(kind, strict.error().message);
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
    return refused(kind, "not a protobuf message");
  return message;
}

/// An envelope that exactly one key has signed: heads, attestations and statements
/// have no thresholds.
Result<Envelope> parse_envelope_of_one(ByteView raw, PayloadKind kind);

}  // namespace owrd::trust
