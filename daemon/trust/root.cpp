#include "daemon/trust/root.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/trust/root_rules.h"
#include "daemon/trust/wire_lint.h"

namespace owrd::trust {
namespace {

/// Of a publisher id, where a petname is not known.
constexpr std::size_t kIdDigits = 12;
constexpr auto kGetRootAgain = "get the publisher's .owrp again, from a place you trust";

std::string out_of(std::size_t valid, std::uint32_t threshold) {
  return std::to_string(valid) + " of the " + std::to_string(threshold) +
         (threshold == 1 ? " needed signature is" : " needed signatures are") + " valid";
}

Result<v1::Root> parse_message(ByteView payload) {
  const auto strict = lint_wire(payload, *v1::Root::descriptor(), UnknownFields::Refuse);
  if (!strict) return Error{strict.error().code, "root: " + strict.error().message, kGetRootAgain};
  v1::Root message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
    return Error{ErrorCode::Corrupt, "root: not a protobuf message", kGetRootAgain};
  return message;
}

bool has_signature_of(const Envelope& envelope, const std::set<PublicKey>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const PublicKey& key) {
    const auto id = key.id();
    return std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                       [&](const Signature& signature) { return signature.key_id == id; });
  });
}

}  // namespace

Root::Root(Digest publisher_id, v1::Root message, Bytes raw, std::set<PublicKey> root_keys,
           std::set<PublicKey> release_keys)
    : publisher_id_(publisher_id),
      message_(std::move(message)),
      raw_(std::move(raw)),
      root_keys_(std::move(root_keys)),
      release_keys_(std::move(release_keys)) {}

Result<Root> Root::verify_first(ByteView envelope_bytes) {
  auto envelope = parse_envelope(envelope_bytes, PayloadKind::Root);
  if (!envelope) return envelope.error();
  auto message = parse_message(envelope->payload);
  if (!message) return message.error();
  auto keys = check_first_root(*message);
  if (!keys) return keys.error();
  const auto signers = valid_signers(*envelope, keys->root).size();
  const auto threshold = message->root().threshold();
  if (signers < threshold)
    return Error{ErrorCode::BadSignature,
                 "root of " + message->display_name() + ": " + out_of(signers, threshold),
                 kGetRootAgain};
  return Root(envelope->payload_digest(), std::move(*message), std::move(envelope->raw),
              std::move(keys->root), std::move(keys->release));
}

Result<Root> verify_root_chain(const std::vector<Bytes>& envelopes) {
  if (envelopes.empty())
    return Error{ErrorCode::InvalidInput, "root: none was given", kGetRootAgain};
  if (envelopes.size() > 1)
    return Error{ErrorCode::InvalidInput, "root version 2 needs a newer owrd",
                 "install a newer owrd"};
  return Root::verify_first(envelopes.front());
}

Bytes make_first_root(const NewRoot& what, const SecretKey& key) {
  v1::Root root;
  root.set_version(1);
  root.set_issued(what.issued);
  root.set_expires(what.expires);
  root.set_display_name(what.display_name);
  auto& listed = *root.add_keys();
  listed.set_algorithm(v1::KEY_ALGORITHM_ED25519);
  listed.set_public_key(std::string(as_text(key.public_key().bytes())));
  listed.set_label(what.key_label);
  for (auto* role : {root.mutable_root(), root.mutable_release()}) {
    role->add_key_ids(key.public_key().id().to_field());
    role->set_threshold(1);
  }
  return seal(PayloadKind::Root, to_bytes(root.SerializeAsString()), {&key});
}

Result<std::set<PublicKey>> verify_release(const Envelope& manifest, const Root& root) {
  assert(manifest.kind == PayloadKind::Manifest);
  auto signers = valid_signers(manifest, root.release_keys());
  const auto threshold = root.message().release().threshold();
  if (signers.size() >= threshold) return signers;
  const auto& name = root.message().display_name();
  if (!has_signature_of(manifest, root.release_keys()))
    return Error{ErrorCode::Untrusted,
                 "manifest: signed by a key that the root of " + name +
                     " does not list for releases, " +
                     fingerprint(manifest.signatures.front().key_id),
                 "ask the publisher whether that key is theirs; the keys that may sign: owrd "
                 "publisher show " +
                     root.publisher_id().to_hex().substr(0, kIdDigits)};
  return Error{ErrorCode::BadSignature,
               "manifest: as a release of " + name + ", " + out_of(signers.size(), threshold),
               "what was signed has been changed: get the release again, by its publisher's magnet "
               "link or .owr"};
}

}  // namespace owrd::trust
