#include "daemon/trust/attestation.h"

#include <utility>

#include "daemon/core/text.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

constexpr auto kKind = PayloadKind::Attestation;
constexpr std::size_t kLongestName = 200;

Error broken(const std::string& cause) { return refused(kKind, cause); }

Result<> check_attestation(const v1::Attestation& attestation) {
  const auto& name = attestation.mirror_name();
  if (name.size() > kLongestName || !is_plain_line(name))
    return broken("the mirror's name is not one line of at most 200 bytes");
  if (attestation.verified() <= 0) return broken("the time of verification is missing");
  if (attestation.expires() <= attestation.verified())
    return broken("it expires before the release was verified");
  if (attestation.expires() - attestation.verified() > kAttestationLifeSeconds)
    return broken("it lives longer than 30 days");
  if (attestation.bytes_verified() == 0) return broken("not a byte was verified");
  return Done{};
}

Result<PublicKey> read_mirror_key(const v1::Attestation& attestation) {
  const auto key = PublicKey::from_bytes(as_bytes(attestation.mirror_key()));
  if (!key) return broken("the mirror's key is not 32 bytes");
  if (!is_possible(*key)) return broken("the mirror's key is not a point of ed25519");
  return *key;
}

Result<> check_signature(const Envelope& envelope, const PublicKey& mirror_key) {
  const auto& key_id = envelope.signatures.front().key_id;
  if (key_id != mirror_key.id())
    return Error{ErrorCode::BadSignature,
                 "attestation: it is signed by the key " + fingerprint(key_id) +
                     ", and names as its mirror's the key " + fingerprint(mirror_key.id()),
                 remedy_of(kKind)};
  if (valid_signers(envelope, {mirror_key}).empty())
    return Error{
        ErrorCode::BadSignature,
        "attestation: the signature by the mirror's key " + fingerprint(key_id) + " is not valid",
        remedy_of(kKind)};
  return Done{};
}

}  // namespace

Attestation::Attestation(Envelope envelope, v1::Attestation message, PublicKey mirror_key,
                         Digest publisher_id, Digest release_id, Digest infohash)
    : envelope_(std::move(envelope)),
      message_(std::move(message)),
      mirror_key_(mirror_key),
      publisher_id_(publisher_id),
      release_id_(release_id),
      infohash_(infohash) {}

Result<Attestation> Attestation::verify(ByteView bytes) {
  auto envelope = parse_envelope_of_one(bytes, kKind);
  if (!envelope) return envelope.error();
  auto message = parse_payload<v1::Attestation>(kKind, envelope->payload);
  if (!message) return message.error();
  const auto mirror_key = read_mirror_key(*message);
  if (!mirror_key) return mirror_key.error();
  const auto publisher_id = read_digest(kKind, message->publisher_id(), "the publisher id");
  if (!publisher_id) return publisher_id.error();
  const auto release_id = read_digest(kKind, message->release_id(), "the release id");
  if (!release_id) return release_id.error();
  const auto infohash = read_digest(kKind, message->infohash(), "the infohash");
  if (!infohash) return infohash.error();
  if (const auto kept = check_attestation(*message); !kept) return kept.error();
  if (const auto valid = check_signature(*envelope, *mirror_key); !valid) return valid.error();
  return Attestation(std::move(*envelope), std::move(*message), *mirror_key, *publisher_id,
                     *release_id, *infohash);
}

Bytes make_attestation(const NewAttestation& what, const SecretKey& key) {
  v1::Attestation attestation;
  attestation.set_mirror_key(std::string(as_text(key.public_key().bytes())));
  attestation.set_mirror_name(what.mirror_name);
  attestation.set_publisher_id(what.publisher_id.to_field());
  attestation.set_release_id(what.release_id.to_field());
  attestation.set_infohash(what.infohash.to_field());
  attestation.set_verified(what.verified);
  attestation.set_expires(what.verified + kAttestationLifeSeconds);
  attestation.set_bytes_verified(what.bytes_verified);
  return seal(kKind, as_bytes(attestation.SerializeAsString()), {&key});
}

}  // namespace owrd::trust
