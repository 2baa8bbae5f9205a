#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/key.h"

namespace owrd::trust {

/// The kinds of signed objects. The type is the domain separator: one signed as one kind is never
/// another.
enum class PayloadKind { Root, Manifest, Head, Notice, Attestation, Statement };

/// "application/vnd.owrd.root.v1+protobuf" and so on.
const char* payload_type(PayloadKind kind);
/// The most bytes that an envelope of this kind may have; checked before anything is parsed.
std::uint64_t envelope_limit_bytes(PayloadKind kind);

struct Signature {
  Digest key_id;
  Bytes bytes;
};

/// A signed object as it came: the exact bytes, taken apart. Nothing about it is believed yet.
struct Envelope {
  PayloadKind kind;
  Bytes raw;  ///< All of the envelope: what is stored and served again.
  Bytes payload;
  std::vector<Signature> signatures;  ///< At most 32.

  /// SHA-256 of the payload.
  Digest payload_digest() const;
};

/// Refuses what is too long, is of another kind, or is not in strict form (see wire_lint.h).
Result<Envelope> parse_envelope(ByteView raw, PayloadKind expected);
/// As parse_envelope(), but there may be no signature yet.
Result<Envelope> parse_unsigned_envelope(ByteView raw, PayloadKind expected);

/// DSSE's pre-authentication encoding: "DSSEv1" SP len(type) SP type SP len(payload) SP payload.
Bytes pre_authentication_encoding(std::string_view type, ByteView payload);

/// Signs `payload` with each key, in order, and gives the bytes of the envelope.
Bytes seal(PayloadKind kind, ByteView payload, const std::vector<const SecretKey*>& keys);
/// The envelope with one more signature at its end.
Bytes add_signature(const Envelope& envelope, const SecretKey& key);

/// The keys, of those given, whose signature on the envelope is valid: each counted once.
std::set<PublicKey> valid_signers(const Envelope& envelope, const std::set<PublicKey>& keys);

}  // namespace owrd::trust
