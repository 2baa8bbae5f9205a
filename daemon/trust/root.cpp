#include "daemon/trust/root.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/hash/sha256.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

Error does_not_follow(const std::string& cause) {
  return {ErrorCode::BadSignature, "root: " + cause, remedy_of(PayloadKind::Root)};
}

/// Who revoked a key cannot be made to take it back: otherwise whoever stole enough root keys later
/// could bring a stolen release key to life again.
Result<> check_revocations(const Root& previous, const RootParts& next) {
  for (const auto& [key_id, since] : previous.revoked()) {
    const auto kept = next.revoked.find(key_id);
    const auto name = "the key " + fingerprint(key_id) + ", which version " +
                      std::to_string(previous.version()) + " revokes";
    if (kept == next.revoked.end()) return does_not_follow("it leaves out " + name);
    if (kept->second > since) return does_not_follow("it revokes from a later record on " + name);
  }
  return Done{};
}

Result<> check_follows(const UnsignedRoot& next, const Root& previous) {
  const auto place = previous.version() + 1;
  if (next.message.version() != place)
    return does_not_follow("version " + std::to_string(next.message.version()) +
                           " does not follow version " + std::to_string(previous.version()));
  if (next.parts.publisher_id != previous.publisher_id())
    return does_not_follow("it is of another publisher, " + fingerprint(*next.parts.publisher_id));
  if (next.message.issued() < previous.issued())
    return does_not_follow("it was issued before version " + std::to_string(previous.version()));
  if (const auto uses = check_uses(previous, next.parts.uses); !uses) return uses;
  return check_revocations(previous, next.parts);
}

std::string out_of(std::size_t valid, std::uint32_t threshold) {
  return std::to_string(valid) + " of the " + std::to_string(threshold) +
         (threshold == 1 ? " needed signature is" : " needed signatures are") + " valid";
}

/// `whose` says of which version the role is, when it is not the root's own.
Result<std::set<PublicKey>> count_signers(const Envelope& envelope, const v1::Root& root,
                                          const KeyRole& role, const std::string& whose) {
  auto signers = valid_signers(envelope, role.keys);
  if (signers.size() >= role.threshold) return signers;
  return Error{
      ErrorCode::BadSignature,
      "root of " + root.display_name() + ": " + whose + out_of(signers.size(), role.threshold),
      remedy_of(PayloadKind::Root)};
}

}  // namespace

Result<> check_uses(const Root& earlier, const std::map<PublicKey, KeyUse>& later) {
  for (const auto& [key, use] : later) {
    const auto before = earlier.uses().find(key);
    if (before != earlier.uses().end() && before->second != use)
      return does_not_follow("the key " + fingerprint(key.id()) + " is " + name_of(use) +
                             ", but was " + name_of(before->second) + " in version " +
                             std::to_string(earlier.version()));
  }
  return Done{};
}

Result<UnsignedRoot> read_root_payload(ByteView payload, const Root* previous) {
  auto message = parse_payload<v1::Root>(PayloadKind::Root, payload);
  if (!message) return message.error();
  auto parts = check_root(*message);
  if (!parts) return parts.error();
  UnsignedRoot root{std::move(*message), std::move(*parts)};
  if (previous != nullptr) {
    if (const auto follows = check_follows(root, *previous); !follows) return follows.error();
  } else if (root.message.version() != 1) {
    return does_not_follow("version " + std::to_string(root.message.version()) +
                           " comes without version 1 before it");
  }
  return root;
}

Root::Root(Digest publisher_id, UnsignedRoot root, Envelope envelope, std::set<PublicKey> signers)
    : publisher_id_(publisher_id),
      message_(std::move(root.message)),
      parts_(std::move(root.parts)),
      raw_(std::move(envelope.raw)),
      payload_digest_(hash::sha256(envelope.payload)),
      signers_(std::move(signers)) {}

Result<Root> Root::verify_first(ByteView envelope_bytes) {
  auto envelope = parse_envelope(envelope_bytes, PayloadKind::Root);
  if (!envelope) return envelope.error();
  auto root = read_root_payload(envelope->payload, nullptr);
  if (!root) return root.error();
  auto signers = count_signers(*envelope, root->message, root->parts.root, "");
  if (!signers) return signers.error();
  const auto publisher_id = envelope->payload_digest();
  return Root(publisher_id, std::move(*root), std::move(*envelope), std::move(*signers));
}

Result<Root> Root::verify_next(ByteView envelope_bytes, const Root& previous) {
  auto envelope = parse_envelope(envelope_bytes, PayloadKind::Root);
  if (!envelope) return envelope.error();
  auto root = read_root_payload(envelope->payload, &previous);
  if (!root) return root.error();
  const auto before =
      count_signers(*envelope, root->message, previous.root_role(),
                    "by the root keys of version " + std::to_string(previous.version()) + ", ");
  if (!before) return before.error();
  auto signers = count_signers(*envelope, root->message, root->parts.root, "");
  if (!signers) return signers.error();
  return Root(previous.publisher_id(), std::move(*root), std::move(*envelope), std::move(*signers));
}

}  // namespace owrd::trust
