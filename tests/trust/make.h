#pragma once

#include <array>
#include <cassert>
#include <vector>

#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// The key whose seed is 32 times `byte`.
inline SecretKey make_key(int byte) {
  const auto ready = initialise();
  assert(ready);
  std::array<std::byte, 32> seed{};
  seed.fill(static_cast<std::byte>(byte));
  return *SecretKey::from_seed(seed);
}

inline Bytes hex(std::string_view text) { return *parse_hex(text); }

inline void add_key(v1::Root& root, const SecretKey& key) {
  auto& listed = *root.add_keys();
  listed.set_algorithm(v1::KEY_ALGORITHM_ED25519);
  listed.set_public_key(std::string(as_text(key.public_key().bytes())));
}

inline void set_role(v1::Role& role, const std::vector<const SecretKey*>& keys,
                     std::uint32_t threshold) {
  role.Clear();
  for (const auto* key : keys) role.add_key_ids(key->public_key().id().to_field());
  role.set_threshold(threshold);
}

/// A root that keeps every rule: `keys` are root and release keys.
inline v1::Root make_root(const std::vector<const SecretKey*>& keys, std::uint32_t threshold) {
  v1::Root root;
  root.set_version(1);
  root.set_issued(1'700'000'000);
  root.set_expires(1'800'000'000);
  root.set_display_name("Acme Labs");
  for (const auto* key : keys) add_key(root, *key);
  set_role(*root.mutable_root(), keys, threshold);
  set_role(*root.mutable_release(), keys, threshold);
  return root;
}

inline Bytes seal_root(const v1::Root& root, const std::vector<const SecretKey*>& keys) {
  return seal(PayloadKind::Root, as_bytes(root.SerializeAsString()), keys);
}

/// An envelope in its exact bytes that seal() would not make.
inline Bytes encode(const v1::Envelope& envelope) { return to_bytes(envelope.SerializeAsString()); }

inline v1::Envelope decode(const Bytes& bytes) {
  v1::Envelope envelope;
  const bool is_parsed = envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  assert(is_parsed);
  return envelope;
}

}  // namespace owrd::trust
