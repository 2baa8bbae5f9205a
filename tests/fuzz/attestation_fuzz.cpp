// An attestation that is taken is signed by the key that stands in it, within its limits, and
// written in one way alone.
#include <cstdint>
#include <cstdlib>

#include "daemon/trust/attestation.h"
#include "tests/trust/make.h"

namespace {

using namespace owrd;
using namespace owrd::trust;

void require(bool holds) {
  if (!holds) std::abort();
}

const SecretKey& key() {
  static const auto kKey = make_key(1);
  return kKey;
}

void check_envelope(ByteView bytes) {
  const auto attestation = Attestation::verify(bytes);
  if (!attestation) return;
  require(attestation->raw() == to_bytes(bytes));
  const auto envelope = parse_envelope(bytes, PayloadKind::Attestation);
  require(envelope && envelope->signatures.size() == 1);
  require(valid_signers(*envelope, {attestation->mirror_key()}).size() == 1);
  const auto life = attestation->expires() - attestation->verified();
  require(attestation->verified() > 0 && life > 0 && life <= kAttestationLifeSeconds);
  if (attestation->mirror_key() != key().public_key() || life != kAttestationLifeSeconds) return;
  require(make_attestation(
              {attestation->mirror_name(), attestation->publisher_id(), attestation->release_id(),
               attestation->infohash(), attestation->verified(), attestation->bytes_verified()},
              key()) == attestation->raw());
}

void check_payload(ByteView payload) {
  check_envelope(seal(PayloadKind::Attestation, payload, {&key()}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_envelope(bytes);
  check_payload(bytes);
  if (const auto envelope = parse_envelope(bytes, PayloadKind::Attestation))
    check_payload(envelope->payload);
  return 0;
}
