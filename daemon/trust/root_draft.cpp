#include "daemon/trust/root_draft.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "daemon/trust/envelope.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

constexpr auto kGetDraftAgain = "get the file again, from whom it came, or draft the root anew";

RootDraft::Missing find_missing(std::uint64_t root_version, const KeyRole& role,
                                const std::set<PublicKey>& signers) {
  RootDraft::Missing missing{root_version, role.threshold, {}, {}};
  for (const auto& key : role.keys)
    (signers.count(key) != 0 ? missing.signed_by : missing.could_sign).insert(key);
  return missing;
}

std::set<PublicKey> keys_that_may_sign(const RootParts& parts, const Root* previous) {
  auto keys = parts.root.keys;
  if (previous != nullptr) {
    const auto& before = previous->root_role().keys;
    keys.insert(before.begin(), before.end());
  }
  return keys;
}

/// Every signature must be valid and by one of the keys. Gives the signers.
Result<std::set<PublicKey>> check_signatures(const Envelope& envelope,
                                             const std::set<PublicKey>& keys) {
  auto signers = valid_signers(envelope, keys);
  for (const auto& signature : envelope.signatures) {
    const auto by = [&](const PublicKey& key) { return key.id() == signature.key_id; };
    if (std::any_of(signers.begin(), signers.end(), by)) continue;
    if (std::any_of(keys.begin(), keys.end(), by))
      return Error{
          ErrorCode::BadSignature,
          "root draft: the signature of the key " + fingerprint(signature.key_id) + " is not valid",
          kGetDraftAgain};
    return Error{ErrorCode::Untrusted,
                 "root draft: it is signed by the key " + fingerprint(signature.key_id) +
                     ", which has no say in it",
                 kGetDraftAgain};
  }
  return signers;
}

/// The key has signed or may not.
Result<> check_may_sign(const RootDraft& draft, const PublicKey& key) {
  for (const auto& need : draft.needs) {
    if (need.signed_by.count(key) != 0)
      return Error{ErrorCode::AlreadyExists,
                   "root draft: the key " + fingerprint(key.id()) + " has signed it already",
                   "pass the file on to the next who is to sign"};
    if (need.could_sign.count(key) != 0) return Done{};
  }
  return Error{ErrorCode::Untrusted,
               "root draft: the key " + fingerprint(key.id()) +
                   " is no root key of this version or of the one before it",
               "sign with a key that the draft lists as a root key"};
}

}  // namespace

bool RootDraft::is_complete() const {
  return std::all_of(needs.begin(), needs.end(), [](const Missing& need) { return need.is_met(); });
}

Result<RootDraft> read_root_draft(ByteView bytes, const Root* previous) {
  auto envelope = parse_unsigned_envelope(bytes, PayloadKind::Root);
  if (!envelope) return envelope.error();
  auto root = read_root_payload(envelope->payload, previous);
  if (!root) return root.error();
  const auto signers = check_signatures(*envelope, keys_that_may_sign(root->parts, previous));
  if (!signers) return signers.error();

  RootDraft draft{
      std::move(envelope->raw), std::move(root->message), envelope->payload_digest(), {}};
  draft.needs.push_back(find_missing(draft.message.version(), root->parts.root, *signers));
  if (previous != nullptr)
    draft.needs.push_back(find_missing(previous->version(), previous->root_role(), *signers));
  return draft;
}

Bytes make_root_draft(ByteView payload) { return seal(PayloadKind::Root, payload, {}); }

Result<Bytes> sign_root_draft(ByteView bytes, const Root* previous, const SecretKey& key) {
  const auto draft = read_root_draft(bytes, previous);
  if (!draft) return draft.error();
  if (const auto may = check_may_sign(*draft, key.public_key()); !may) return may.error();
  const auto envelope = parse_unsigned_envelope(bytes, PayloadKind::Root);
  if (!envelope) return envelope.error();
  auto signed_bytes = add_signature(*envelope, key);
  // An envelope takes no more than 32 signatures.
  if (const auto read = read_root_draft(signed_bytes, previous); !read) return read.error();
  return signed_bytes;
}

}  // namespace owrd::trust
