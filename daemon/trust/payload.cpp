#include "daemon/trust/payload.h"

#include <cassert>

namespace owrd::trust {

const char* name_of(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::Root:
      return "root";
    case PayloadKind::Manifest:
      return "manifest";
    case PayloadKind::Head:
      return "head";
    case PayloadKind::Notice:
      return "notice";
    case PayloadKind::Attestation:
      return "attestation";
    case PayloadKind::Statement:
      return "statement";
  }
  assert(false);
  return "";
}

const char* remedy_of(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::Root:
      return "get the publisher's .owrp again, from a place you trust";
    case PayloadKind::Manifest:
      return "this release.owrd is damaged or forged: get the release again, by its publisher's "
             "magnet link or .owr";
    case PayloadKind::Head:
      return "this head is damaged or forged: owrd publisher refresh asks all other places for it";
    case PayloadKind::Notice:
      return "this notice is damaged or forged: owrd publisher refresh fetches the publisher's "
             "feed again";
    case PayloadKind::Attestation:
      return "this attestation is damaged or forged and counts for nothing: its mirror can make "
             "another with owrd attest";
    case PayloadKind::Statement:
      return "this statement is damaged or forged and counts for nothing: its author can make it "
             "again";
  }
  assert(false);
  return "";
}

Error refused(PayloadKind kind, const std::string& cause) {
  return {ErrorCode::Corrupt, std::string(name_of(kind)) + ": " + cause, remedy_of(kind)};
}

Result<Digest> read_digest(PayloadKind kind, const std::string& field, const char* what) {
  const auto digest = Digest::from_bytes(as_bytes(field));
  if (!digest) return refused(kind, std::string(what) + " is not 32 bytes");
  return *digest;
}

Result<Envelope> parse_envelope_of_one(ByteView raw, PayloadKind kind) {
  auto envelope = parse_envelope(raw, kind);
  if (envelope && envelope->signatures.size() != 1) return refused(kind, "more than one signature");
  return envelope;
}

}  // namespace owrd::trust
