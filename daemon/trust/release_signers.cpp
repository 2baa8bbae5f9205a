#include "daemon/trust/release_signers.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

/// Of a publisher id, where a petname is not known.
constexpr std::size_t kIdDigits = 12;

/// The roles of a root that sign releases of this model: its release role, then scopes.
std::vector<const KeyRole*> roles_for(std::string_view model, const Root& root) {
  std::vector<const KeyRole*> roles = {&root.release_role()};
  for (const auto& scope : root.scopes())
    if (std::any_of(scope.models.begin(), scope.models.end(),
                    [&](const std::string& pattern) { return matches_glob(pattern, model); }))
      roles.push_back(&scope.role);
  return roles;
}

/// All keys that ever signed releases of this model.
std::set<PublicKey> keys_for(std::string_view model, const RootChain& chain) {
  std::set<PublicKey> keys;
  for (const auto& root : chain.roots())
    for (const auto* role : roles_for(model, root))
      keys.insert(role->keys.begin(), role->keys.end());
  return keys;
}

std::set<PublicKey> of_role(const std::set<PublicKey>& signers, const KeyRole& role) {
  std::set<PublicKey> both;
  std::set_intersection(signers.begin(), signers.end(), role.keys.begin(), role.keys.end(),
                        std::inserter(both, both.end()));
  return both;
}

/// A later root keeps every revocation, so the newest one knows them all.
bool is_revoked(const PublicKey& key, const RootChain& chain, std::optional<std::uint64_t> listed) {
  const auto revoked = chain.newest().revoked().find(key.id());
  if (revoked == chain.newest().revoked().end()) return false;
  return !listed || *listed >= revoked->second;
}

std::optional<ReleaseSigners> find_role(const std::set<PublicKey>& signers, std::string_view model,
                                        const RootChain& chain,
                                        std::optional<std::uint64_t> in_force) {
  for (auto root = chain.roots().rbegin(); root != chain.roots().rend(); ++root) {
    if (in_force && root->version() != *in_force) continue;
    const auto roles = roles_for(model, *root);
    for (const auto* role : roles) {
      auto keys = of_role(signers, *role);
      if (keys.size() >= role->threshold)
        return ReleaseSigners{std::move(keys), root->version(), role != roles.front()};
    }
  }
  return std::nullopt;
}

/// Why an envelope is not believed, for the errors.
class Refusal {
 public:
  Refusal(const Envelope& envelope, std::string_view model, const RootChain& chain)
      : envelope_(envelope), model_(model), chain_(chain) {}

  Error revoked(const PublicKey& key) const {
    const auto since = chain_.newest().revoked().at(key.id());
    return {ErrorCode::Untrusted,
            text("signed by the key " + fingerprint(key.id()) + ", which " + publisher() +
                 " has revoked from record " + std::to_string(since) + " of its feed on"),
            "what the feed lists before that record stays believed: owrd publisher refresh " +
                short_id()};
  }

  /// None of the keys ever signed releases of this model.
  Error unknown() const {
    const auto& signature = envelope_.signatures.front();
    const auto name = fingerprint(signature.key_id);
    const auto hint =
        "ask the publisher whether that key is theirs; the keys that may sign: owrd "
        "publisher show " +
        short_id();
    if (signs_other_models(signature.key_id))
      return {ErrorCode::Untrusted,
              text("signed by a key that the root of " + publisher() +
                   " lists for other models than " + quoted(model_) + ", " + name),
              hint};
    return {ErrorCode::Untrusted,
            text("signed by a key that the root of " + publisher() +
                 " does not list for releases, " + name),
            hint};
  }

  Error too_few(const std::set<PublicKey>& signers) const {
    const auto [valid, needed] = nearest(signers);
    const bool is_manifest = envelope_.kind == PayloadKind::Manifest;
    return {ErrorCode::BadSignature,
            text("as " + std::string(is_manifest ? "a release" : "one") + " of " + publisher() +
                 ", " + std::to_string(valid) + " of the " + std::to_string(needed) +
                 (needed == 1 ? " needed signature is valid" : " needed signatures are valid")),
            is_manifest ? "what was signed has been changed: get the release again, by its "
                          "publisher's magnet link or .owr"
                        : remedy_of(envelope_.kind)};
  }

 private:
  std::string text(const std::string& cause) const {
    return std::string(name_of(envelope_.kind)) + ": " + cause;
  }
  const std::string& publisher() const { return chain_.newest().message().display_name(); }
  std::string short_id() const { return chain_.publisher_id().to_hex().substr(0, kIdDigits); }

  bool signs_other_models(const Digest& key_id) const {
    for (const auto& root : chain_.roots())
      for (const auto& scope : root.scopes())
        for (const auto& key : scope.role.keys)
          if (key.id() == key_id) return true;
    return false;
  }

  /// The role of the newest root that comes nearest to its threshold.
  std::pair<std::size_t, std::uint32_t> nearest(const std::set<PublicKey>& signers) const {
    std::pair<std::size_t, std::uint32_t> best = {0, chain_.newest().release_role().threshold};
    for (const auto* role : roles_for(model_, chain_.newest()))
      if (const auto valid = of_role(signers, *role).size(); valid > best.first)
        best = {valid, role->threshold};
    return best;
  }

  const Envelope& envelope_;
  std::string_view model_;
  const RootChain& chain_;
};

bool names_one_of(const Envelope& envelope, const std::set<PublicKey>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const PublicKey& key) {
    const auto id = key.id();
    return std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                       [&](const Signature& signature) { return signature.key_id == id; });
  });
}

}  // namespace

Result<ReleaseSigners> verify_release(const Envelope& envelope, std::string_view model,
                                      const RootChain& chain, std::optional<std::uint64_t> listed,
                                      std::optional<std::uint64_t> in_force) {
  assert(envelope.kind == PayloadKind::Manifest || envelope.kind == PayloadKind::Notice);
  const auto keys = keys_for(model, chain);
  const auto valid = valid_signers(envelope, keys);
  auto believed = valid;
  std::erase_if(believed, [&](const auto& key) { return is_revoked(key, chain, listed); });
  if (auto signers = find_role(believed, model, chain, in_force)) return std::move(*signers);

  const Refusal refusal(envelope, model, chain);
  for (const auto& key : valid)
    if (believed.count(key) == 0) return refusal.revoked(key);
  if (!names_one_of(envelope, keys)) return refusal.unknown();
  return refusal.too_few(believed);
}

bool matches_glob(std::string_view pattern, std::string_view name) {
  constexpr auto kNone = std::string_view::npos;
  std::size_t at = 0, in = 0;            // In the pattern and in the name.
  std::size_t star = kNone, resume = 0;  // The last '*', and where what it stands for ends.
  while (in < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in;
    } else if (at < pattern.size() && pattern[at] == name[in]) {
      ++at;
      ++in;
    } else if (star != kNone) {
      at = star + 1;
      in = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == kNone;
}

}  // namespace owrd::trust
