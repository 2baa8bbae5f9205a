#include "daemon/trust/envelope.h"

#include <cassert>
#include <map>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/hash/sha256.h"
#include "daemon/trust/payload.h"
#include "daemon/trust/wire_lint.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {
namespace {

constexpr int kMostSignatures = 32;
constexpr std::size_t kSignatureBytes = 64;

Error malformed(PayloadKind kind, const std::string& cause) {
  return {ErrorCode::Corrupt, std::string(name_of(kind)) + " envelope: " + cause, remedy_of(kind)};
}

Result<std::vector<Signature>> take_signatures(const v1::Envelope& message, PayloadKind kind) {
  if (message.signatures_size() > kMostSignatures)
    return malformed(kind, "more than 32 signatures");
  std::vector<Signature> signatures;
  std::set<Digest> seen;
  for (const auto& each : message.signatures()) {
    const auto key_id = Digest::from_bytes(as_bytes(each.key_id()));
    if (!key_id) return malformed(kind, "a key id is not 32 bytes");
    if (each.signature().size() != kSignatureBytes)
      return malformed(kind, "a signature is not 64 bytes");
    if (!seen.insert(*key_id).second)
      return malformed(kind, "two signatures by one key, " + fingerprint(*key_id));
    signatures.push_back(Signature{*key_id, to_bytes(each.signature())});
  }
  return signatures;
}

Result<Envelope> parse(ByteView raw, PayloadKind expected) {
  const auto limit = envelope_limit_bytes(expected);
  if (raw.size() > limit)
    return malformed(expected, "longer than " + std::to_string(limit) + " bytes");
  const auto strict = lint_wire(raw, *v1::Envelope::descriptor(), UnknownFields::Refuse);
  if (!strict) return malformed(expected, strict.error().message);
  v1::Envelope message;
  if (!message.ParseFromArray(raw.data(), static_cast<int>(raw.size())))
    return malformed(expected, "not a protobuf message");
  if (message.payload_type() != payload_type(expected))
    return malformed(expected, "it holds " + quoted(message.payload_type()));
  auto signatures = take_signatures(message, expected);
  if (!signatures) return signatures.error();
  return Envelope{expected, to_bytes(raw), to_bytes(message.payload()), std::move(*signatures)};
}

void sign(v1::Envelope& message, ByteView signed_bytes, const SecretKey& key) {
  auto& signature = *message.add_signatures();
  signature.set_key_id(key.public_key().id().to_field());
  signature.set_signature(std::string(as_text(key.sign(signed_bytes))));
}

}  // namespace

const char* payload_type(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::Root:
      return "application/vnd.owrd.root.v1+protobuf";
    case PayloadKind::Manifest:
      return "application/vnd.owrd.manifest.v1+protobuf";
    case PayloadKind::Head:
      return "application/vnd.owrd.head.v1+protobuf";
    case PayloadKind::Notice:
      return "application/vnd.owrd.notice.v1+protobuf";
    case PayloadKind::Attestation:
      return "application/vnd.owrd.attestation.v1+protobuf";
    case PayloadKind::Statement:
      return "application/vnd.owrd.statement.v1+protobuf";
  }
  assert(false);
  return "";
}

std::uint64_t envelope_limit_bytes(PayloadKind kind) {
  constexpr std::uint64_t kKiB = 1024;
  switch (kind) {
    case PayloadKind::Root:
      return 128 * kKiB;
    case PayloadKind::Manifest:
      return 8 * kKiB * kKiB + 64 * kKiB;
    case PayloadKind::Head:
      return 1 * kKiB;
    case PayloadKind::Notice:
      return 64 * kKiB + 4 * kKiB;
    case PayloadKind::Attestation:
    case PayloadKind::Statement:
      return 8 * kKiB;  // What one peer may tell another as one object.
  }
  assert(false);
  return 0;
}

Digest Envelope::payload_digest() const { return hash::sha256(payload); }

Result<Envelope> parse_envelope(ByteView raw, PayloadKind expected) {
  auto envelope = parse(raw, expected);
  if (envelope && envelope->signatures.empty()) return malformed(expected, "no signature");
  return envelope;
}

Result<Envelope> parse_unsigned_envelope(ByteView raw, PayloadKind expected) {
  return parse(raw, expected);
}

Bytes pre_authentication_encoding(std::string_view type, ByteView payload) {
  std::string head = "DSSEv1 " + std::to_string(type.size()) + " ";
  head += type;
  head += " " + std::to_string(payload.size()) + " ";
  Bytes encoding;
  encoding.reserve(head.size() + payload.size());
  const auto head_bytes = as_bytes(head);
  encoding.insert(encoding.end(), head_bytes.begin(), head_bytes.end());
  encoding.insert(encoding.end(), payload.begin(), payload.end());
  return encoding;
}

Bytes seal(PayloadKind kind, ByteView payload, const std::vector<const SecretKey*>& keys) {
  v1::Envelope message;
  message.set_payload_type(payload_type(kind));
  message.set_payload(std::string(as_text(payload)));
  const auto signed_bytes = pre_authentication_encoding(payload_type(kind), payload);
  for (const auto* key : keys) sign(message, signed_bytes, *key);
  return to_bytes(message.SerializeAsString());
}

Bytes add_signature(const Envelope& envelope, const SecretKey& key) {
  v1::Envelope message;
  const bool is_parsed =
      message.ParseFromArray(envelope.raw.data(), static_cast<int>(envelope.raw.size()));
  assert(is_parsed);
  sign(message, pre_authentication_encoding(payload_type(envelope.kind), envelope.payload), key);
  return to_bytes(message.SerializeAsString());
}

std::set<PublicKey> valid_signers(const Envelope& envelope, const std::set<PublicKey>& keys) {
  std::map<Digest, PublicKey> by_id;
  for (const auto& key : keys) by_id.emplace(key.id(), key);
  const auto signed_bytes =
      pre_authentication_encoding(payload_type(envelope.kind), envelope.payload);
  std::set<PublicKey> signers;
  for (const auto& signature : envelope.signatures) {
    const auto key = by_id.find(signature.key_id);
    if (key != by_id.end() && verify(signed_bytes, signature.bytes, key->second))
      signers.insert(key->second);
  }
  return signers;
}

}  // namespace owrd::trust
