#pragma once

#include <array>
#include <cassert>
#include <vector>

#include "daemon/trust/attestation.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/head.h"
#include "daemon/trust/key.h"
#include "daemon/trust/root.h"
#include "daemon/trust/root_plan.h"
#include "daemon/trust/statement.h"
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

/// The same signature with the group order L added to its scalar: equal modulo L, other bytes.
inline Bytes add_group_order(Bytes signature) {
  const auto order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const auto sum =
        std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]) + carry;
    signature[32 + i] = static_cast<std::byte>(sum & 0xFF);
    carry = sum >> 8;
  }
  return signature;
}

inline std::string field(const PublicKey& key) { return std::string(as_text(key.bytes())); }

inline void set_key(v1::Key& out, const SecretKey& key) {
  out.set_algorithm(v1::KEY_ALGORITHM_ED25519);
  out.set_public_key(field(key.public_key()));
}

inline void add_key(v1::Root& root, const SecretKey& key) { set_key(*root.add_keys(), key); }

inline void set_role(v1::Role& role, const std::vector<const SecretKey*>& keys,
                     std::uint32_t threshold) {
  role.Clear();
  for (const auto* key : keys) role.add_key_ids(key->public_key().id().to_field());
  role.set_threshold(threshold);
}

inline void add_scope(v1::Root& root, const std::vector<std::string>& models,
                      const std::vector<const SecretKey*>& keys, std::uint32_t threshold) {
  auto& scope = *root.add_scopes();
  scope.mutable_models()->Add(models.begin(), models.end());
  set_role(*scope.mutable_role(), keys, threshold);
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

/// Root 1 of a publisher of one key, which is root and release key.
inline Bytes make_first_root(const std::string& name, std::int64_t issued, std::int64_t expires,
                             const std::string& label, const SecretKey& key) {
  RootPlan plan;
  plan.display_name = name;
  plan.issued = issued;
  plan.expires = expires;
  plan.root.keys = plan.release.keys = {{key.public_key(), label}};
  return seal(PayloadKind::Root, *make_root_payload(plan, nullptr), {&key});
}

inline Bytes seal_root(const v1::Root& root, const std::vector<const SecretKey*>& keys) {
  return seal(PayloadKind::Root, as_bytes(root.SerializeAsString()), keys);
}

/// What follows `previous` in all that a root must keep: to be changed, then sealed.
inline v1::Root make_next(const Root& previous) {
  auto root = previous.message();
  root.set_publisher_id(previous.publisher_id().to_field());
  root.set_version(previous.version() + 1);
  root.set_issued(previous.issued() + 1000);
  root.set_expires(previous.expires() + 1000);
  return root;
}

inline Digest digest_of(int byte) {
  std::array<std::byte, Digest::kBytes> bytes{};
  bytes.fill(static_cast<std::byte>(byte));
  return Digest(bytes);
}

/// A head that keeps every rule.
inline NewHead example_head(const Digest& publisher_id) {
  return {publisher_id,
          7,
          1'750'000'000,
          1'750'000'000 + kHeadLifeSeconds,
          1,
          FeedFile{1234, digest_of(1)},
          std::nullopt,
          digest_of(3)};
}

/// A notice that keeps every rule.
inline v1::Notice example_notice(const Digest& publisher_id) {
  v1::Notice notice;
  notice.set_publisher_id(publisher_id.to_field());
  notice.set_kind(v1::NOTICE_KIND_YANK);
  notice.set_model("atlas");
  notice.set_version("1.0.0");
  notice.set_release_id(digest_of(4).to_field());
  notice.set_reason(v1::NOTICE_REASON_DEFECT);
  notice.set_text("Its tokenizer is that of another model.");
  notice.set_issued(1'750'000'000);
  notice.add_advisories("CVE-2026-1234");
  return notice;
}

inline NewAttestation example_attestation() {
  return {"Institute of Examples", digest_of(5), digest_of(6), digest_of(7), 1'750'000'000, 4321};
}

/// A benchmark that keeps every rule; its author's key is set by who signs it.
inline v1::Statement example_statement() {
  v1::Statement statement;
  statement.set_author_name("Ada");
  statement.set_publisher_id(digest_of(5).to_field());
  statement.set_release_id(digest_of(6).to_field());
  statement.set_kind(v1::STATEMENT_KIND_BENCHMARK);
  statement.set_text("Run three times.\n\nThe best is given.");
  statement.set_issued(1'750'000'000);
  for (const auto& [name, value] :
       {std::pair{"task", "mmlu"}, {"metric", "acc"}, {"value", "0.71"}}) {
    statement.add_details()->set_name(name);
    statement.mutable_details()->rbegin()->set_value(value);
  }
  statement.add_evidence("https://ada.example/runs/1");
  return statement;
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
