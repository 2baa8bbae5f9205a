#include "cli/ceremony.h"

#include <algorithm>

#include "cli/files.h"
#include "daemon/release/bundle.h"

namespace owrd::cli {
namespace {

const trust::Root* newest_of(const std::optional<trust::RootChain>& chain) {
  return chain ? &chain->newest() : nullptr;
}

}  // namespace

Result<Ceremony> Ceremony::begin(const trust::RootPlan& plan,
                                 std::optional<trust::RootChain> chain) {
  const auto payload = trust::make_root_payload(plan, newest_of(chain));
  if (!payload) return payload.error();
  auto draft = trust::read_root_draft(trust::make_root_draft(*payload), newest_of(chain));
  if (!draft) return draft.error();
  return Ceremony(std::move(chain), std::move(*draft));
}

Result<Ceremony> Ceremony::read(const std::string& path) {
  const auto bytes = read_file(path, release::kBundleLimitBytes);
  if (!bytes) return bytes.error();
  const auto named = [&path](const Error& error) {
    return Error{error.code, path + ": " + error.message, error.hint};
  };
  const auto bundle = release::parse_bundle(*bytes);
  if (!bundle) return named(bundle.error());
  if (bundle->draft().empty())
    return Error{ErrorCode::InvalidInput, path + " holds no draft of a root",
                 "name a file that owrd publisher init or rotate wrote"};
  std::optional<trust::RootChain> chain;
  if (!bundle->roots().empty()) {
    auto verified = release::roots_in(*bundle);
    if (!verified) return named(verified.error());
    chain = std::move(*verified);
  }
  auto draft = trust::read_root_draft(as_bytes(bundle->draft()), newest_of(chain));
  if (!draft) return named(draft.error());
  return Ceremony(std::move(chain), std::move(*draft));
}

Digest Ceremony::publisher_id() const {
  return chain_ ? chain_->publisher_id() : draft_.payload_digest;
}

bool Ceremony::could_sign(const trust::PublicKey& key) const {
  return std::any_of(draft_.needs.begin(), draft_.needs.end(),
                     [&key](const auto& need) { return need.could_sign.contains(key); });
}

Result<> Ceremony::check_signer(const trust::PublicKey& key, const std::string& name) const {
  if (could_sign(key)) return Done{};
  for (const auto& need : draft_.needs)
    if (need.signed_by.contains(key))
      return Error{ErrorCode::AlreadyExists, "the key \"" + name + "\" has signed it already",
                   "whose signatures are missing is said by: owrd publisher submit FILE"};
  return Error{ErrorCode::Untrusted,
               "the key \"" + name + "\" may not sign it: it is no root key of this root" +
                   (chain_ ? " or of the one before it" : ""),
               "owrd key ls   (your keys and their fingerprints)"};
}

Result<> Ceremony::sign(const trust::SecretKey& key) {
  const auto envelope = trust::sign_root_draft(draft_.envelope, previous(), key);
  if (!envelope) return envelope.error();
  auto draft = trust::read_root_draft(*envelope, previous());
  if (!draft) return draft.error();
  draft_ = std::move(*draft);
  return Done{};
}

Bytes Ceremony::encode() const {
  v1::Bundle bundle;
  if (chain_)
    for (const auto& root : chain_->raw()) bundle.add_roots(std::string(as_text(root)));
  bundle.set_draft(std::string(as_text(draft_.envelope)));
  return release::encode_bundle(bundle);
}

}  // namespace owrd::cli
