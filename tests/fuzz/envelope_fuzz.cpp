#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "daemon/trust/envelope.h"
#include "daemon/trust/root.h"
#include "owrd/v1/trust.pb.h"

namespace {

using owrd::trust::PayloadKind;

// One spelling for each envelope: what parses is written again as the very same bytes.
void check_one_spelling(owrd::ByteView bytes, PayloadKind kind) {
  const auto envelope = owrd::trust::parse_envelope(bytes, kind);
  if (!envelope) return;
  if (!std::equal(bytes.begin(), bytes.end(), envelope->raw.begin(), envelope->raw.end()))
    std::abort();
  owrd::v1::Envelope message;
  message.set_payload_type(owrd::trust::payload_type(kind));
  message.set_payload(std::string(owrd::as_text(envelope->payload)));
  for (const auto& each : envelope->signatures) {
    auto& signature = *message.add_signatures();
    signature.set_key_id(each.key_id.to_field());
    signature.set_signature(std::string(owrd::as_text(each.bytes)));
  }
  if (message.SerializeAsString() != owrd::as_text(bytes)) std::abort();
}

// A root that is believed carries valid signatures up to its threshold.
void check_root(owrd::ByteView bytes) {
  const auto root = owrd::trust::Root::verify_first(bytes);
  if (!root) return;
  const auto envelope = owrd::trust::parse_envelope(bytes, PayloadKind::Root);
  if (!envelope || root->message().SerializeAsString() != owrd::as_text(envelope->payload))
    std::abort();
  const auto signers = owrd::trust::valid_signers(*envelope, root->root_role().keys);
  if (signers.empty() || signers.size() < root->message().root().threshold()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kIsReady = static_cast<bool>(owrd::trust::initialise());
  if (!kIsReady) std::abort();
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const auto kind : {PayloadKind::Root, PayloadKind::Manifest, PayloadKind::Head,
                          PayloadKind::Notice, PayloadKind::Attestation, PayloadKind::Statement})
    check_one_spelling(bytes, kind);
  check_root(bytes);
  return 0;
}
