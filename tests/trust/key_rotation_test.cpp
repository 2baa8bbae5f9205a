// The tables of test_updater_key_rotations.py in theupdateframework/tuf-conformance, case by case:
// what they say of TUF's root is asked of owrd's, and what they say of its other roles is asked of
// releases and, as far as it applies to one key, of heads.

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/trust/head.h"
#include "daemon/trust/release_signers.h"
#include "daemon/trust/root_chain.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

struct Version {
  std::vector<int> keys;
  std::uint32_t threshold;
  std::vector<int> signatures;
};

std::string to_test_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Keys {
 public:
  Keys() {
    for (int i = 0; i < 10; ++i) keys_.push_back(make_key(100 + i));
  }
  std::vector<const SecretKey*> pick(const std::vector<int>& numbers) const {
    std::vector<const SecretKey*> picked;
    for (const auto number : numbers) picked.push_back(&keys_[static_cast<std::size_t>(number)]);
    return picked;
  }
  const SecretKey& operator[](std::size_t number) const { return keys_[number]; }

 private:
  std::vector<SecretKey> keys_;
};

// ---- Roots

struct RootCase {
  const char* name;
  std::vector<Version> versions;
  const char* reason = "";  ///< Why the last is refused, if it is.
};

class RootRotation : public testing::TestWithParam<RootCase> {
 protected:
  /// The next root of a chain that perhaps has none yet. Releases are another key's throughout.
  Bytes make(const Version& version, const RootChain* chain) const {
    auto root = chain == nullptr ? make_root({&releaser_}, 1) : make_next(chain->newest());
    root.clear_keys();
    for (const auto* key : keys_.pick(version.keys)) add_key(root, *key);
    add_key(root, releaser_);
    set_role(*root.mutable_root(), keys_.pick(version.keys), version.threshold);
    return seal_root(root, keys_.pick(version.signatures));
  }

  const Keys keys_;
  const SecretKey releaser_ = make_key(50);
};

TEST_P(RootRotation, EndsAsTheTableSays) {
  const auto& [name, versions, reason] = GetParam();
  auto chain = RootChain::verify({make(versions.front(), nullptr)});
  ASSERT_TRUE(chain) << chain.error().message;
  for (std::size_t i = 1; i < versions.size(); ++i) {
    const auto extended = chain->extend(make(versions[i], &*chain));
    const bool is_refused = i + 1 == versions.size() && *reason != '\0';
    ASSERT_EQ(bool(extended), !is_refused) << "version " << i + 1;
    EXPECT_EQ(chain->newest().version(), is_refused ? i : i + 1);
    if (extended) continue;
    EXPECT_EQ(extended.error().code, ErrorCode::BadSignature);
    EXPECT_EQ(extended.error().message, reason);
  }
}

const RootCase kRootCases[] = {
    {"1-of-1-key-rotation", {{{1}, 1, {1}}, {{2}, 1, {2, 1}}, {{2}, 1, {2}}}},
    {"1-of-1-key-rotation-unused-signatures",
     {{{1}, 1, {3, 1, 4}}, {{2}, 1, {3, 2, 1, 4}}, {{2}, 1, {3, 2, 4}}}},
    {"3-of-5-sign-with-different-keycombos",
     {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}},
      {{0, 1, 2, 3, 4}, 3, {0, 4, 1}},
      {{0, 1, 2, 3, 4}, 3, {0, 1, 3}},
      {{0, 1, 2, 3, 4}, 3, {0, 1, 3}}}},
    {"3-of-5-one-key-rotated", {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}}, {{0, 1, 3, 4, 5}, 3, {0, 4, 1}}}},
    {"3-of-5-one-key-rotated-with-intermediate-step",
     {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}},
      {{0, 1, 3, 4, 5}, 3, {0, 2, 4, 5}},
      {{0, 1, 3, 4, 5}, 3, {0, 4, 5}}}},
    {"3-of-5-all-keys-rotated-with-intermediate-step",
     {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}},
      {{5, 6, 7, 8, 9}, 3, {0, 2, 4, 5, 6, 7}},
      {{5, 6, 7, 8, 9}, 3, {5, 6, 7}}}},
    {"1-of-3-threshold-increase-to-2-of-3", {{{1, 2, 3}, 1, {1}}, {{1, 2, 3}, 2, {1, 2}}}},
    {"2-of-3-threshold-decrease-to-1-of-3",
     {{{1, 2, 3}, 2, {1, 2}}, {{1, 2, 3}, 1, {1, 2}}, {{1, 2, 3}, 1, {1}}}},
    {"1-of-2-threshold-increase-to-2-of-2", {{{1}, 1, {1}}, {{1, 2}, 2, {1, 2}}}},
    {"1-of-1-key-rotation-fail-not-signed-with-old-key",
     {{{1}, 1, {1}}, {{2}, 1, {2, 3, 4}}},
     "root version 2 of Acme Labs: by the root keys of version 1, 0 of the 1 needed signature is "
     "valid"},
    {"1-of-1-key-rotation-fail-not-signed-with-new-key",
     {{{1}, 1, {1}}, {{2}, 1, {1, 3, 4}}},
     "root version 2 of Acme Labs: 0 of the 1 needed signature is valid"},
    {"3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys",
     {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}}, {{0, 1, 3, 4, 5}, 3, {0, 2, 4}}},
     "root version 2 of Acme Labs: 2 of the 3 needed signatures are valid"},
    {"3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys",
     {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}}, {{0, 1, 3, 4, 5}, 3, {0, 4, 5}}},
     "root version 2 of Acme Labs: by the root keys of version 1, 2 of the 3 needed signatures are "
     "valid"},
    {"1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached",
     {{{1, 2, 3}, 1, {1}}, {{1, 2, 3}, 2, {2}}},
     "root version 2 of Acme Labs: 1 of the 2 needed signatures are valid"},
    {"2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached",
     {{{1, 2, 3}, 2, {1, 2}}, {{1, 2, 3}, 1, {1}}},
     "root version 2 of Acme Labs: by the root keys of version 1, 1 of the 2 needed signatures are "
     "valid"},
};

INSTANTIATE_TEST_SUITE_P(Tuf, RootRotation, testing::ValuesIn(kRootCases),
                         [](const auto& test) { return to_test_name(test.param.name); });

// ---- Other roles: root 2 gives them the keys of the case

struct OtherCase {
  const char* name;
  Version version;
  const char* reason = "";
};

class OtherRotation : public testing::TestWithParam<OtherCase> {
 protected:
  /// In root 1, all is the owner's.
  RootChain chain_with(v1::Root second) const {
    second.set_publisher_id(first().publisher_id().to_field());
    return *RootChain::verify({first().raw(), seal_root(second, {&owner_})});
  }
  /// With the fingerprint of key 1, the first signer of the cases that name one.
  std::string expected(std::string reason) const {
    constexpr std::string_view kPlace = "FINGERPRINT";
    if (const auto at = reason.find(kPlace); at != reason.npos)
      reason.replace(at, kPlace.size(), fingerprint(keys_[1].public_key().id()));
    return reason;
  }
  Root first() const { return *Root::verify_first(seal_root(make_root({&owner_}, 1), {&owner_})); }

  const Keys keys_;
  const SecretKey owner_ = make_key(50);
};

using ReleaseRotation = OtherRotation;

TEST_P(ReleaseRotation, EndsAsTheTableSays) {
  const auto& [name, version, reason] = GetParam();
  auto second = make_next(first());
  for (const auto* key : keys_.pick(version.keys)) add_key(second, *key);
  set_role(*second.mutable_release(), keys_.pick(version.keys), version.threshold);
  const auto chain = chain_with(second);
  const auto manifest = *parse_envelope(
      seal(PayloadKind::Manifest, as_bytes("manifest"), keys_.pick(version.signatures)),
      PayloadKind::Manifest);

  const auto signers = verify_release(manifest, "atlas", chain, std::nullopt);

  ASSERT_EQ(bool(signers), *reason == '\0');
  if (!signers) {
    EXPECT_EQ(signers.error().message, expected(reason));
    return;
  }
  EXPECT_EQ(signers->root_version, 2U);
  EXPECT_FALSE(signers->by_scope);
  EXPECT_GE(signers->keys.size(), version.threshold);
}

const OtherCase kReleaseCases[] = {
    {"1-of-1-key-rotation", {{2}, 1, {2}}},
    {"1-of-1-key-rotation-unused-signatures", {{1}, 1, {3, 1, 4}}},
    {"1-of-1-key-rotation-fail-not-signed-with-new-key",
     {{2}, 1, {1, 3, 4}},
     "manifest: signed by a key that the root of Acme Labs does not list for releases, "
     "FINGERPRINT"},
    {"3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys",
     {{0, 1, 3, 4, 5}, 3, {0, 2, 4}},
     "manifest: as a release of Acme Labs, 2 of the 3 needed signatures are valid"},
    {"2-of-5-one-key-signature-mising-threshold-not-reached",
     {{0, 1, 3, 4, 5}, 3, {0, 4}},
     "manifest: as a release of Acme Labs, 2 of the 3 needed signatures are valid"},
    {"3-of-5-sign-first-combo", {{0, 1, 2, 3, 4}, 3, {0, 2, 4}}},
    {"3-of-5-sign-second-combo", {{0, 1, 2, 3, 4}, 3, {0, 4, 1}}},
    {"3-of-5-sign-third-combo", {{0, 1, 2, 3, 4}, 3, {0, 1, 3}}},
    {"3-of-5-sign-fourth-combo", {{0, 1, 2, 3, 4}, 3, {1, 2, 3}}},
    {"3-of-5-sign-fifth-combo", {{0, 1, 2, 3, 4}, 3, {2, 3, 4}}},
};

INSTANTIATE_TEST_SUITE_P(Tuf, ReleaseRotation, testing::ValuesIn(kReleaseCases),
                         [](const auto& test) { return to_test_name(test.param.name); });

class HeadRotation : public OtherRotation {};

TEST_P(HeadRotation, EndsAsTheTableSays) {
  const auto& [name, version, reason] = GetParam();
  auto second = make_next(first());
  set_key(*second.mutable_head(), *keys_.pick(version.keys).front());
  const auto chain = chain_with(second);
  const FeedFile feed{100, digest_of(1)};
  const NewHead what{chain.publisher_id(), 1, 1000, 2000, 2, feed, std::nullopt, digest_of(3)};
  const auto payload = parse_envelope(make_head(what, owner_), PayloadKind::Head)->payload;
  const auto head = Head::parse(seal(PayloadKind::Head, payload, keys_.pick(version.signatures)));

  const auto verified = head ? verify_head(*head, chain.newest()) : Result<>(head.error());

  ASSERT_EQ(bool(verified), *reason == '\0');
  EXPECT_EQ(verified ? "" : verified.error().message, expected(reason));
}

const OtherCase kHeadCases[] = {
    {"1-of-1-key-rotation", {{2}, 1, {2}}},
    {"1-of-1-key-rotation-unused-signatures", {{1}, 1, {3, 1, 4}}, "head: more than one signature"},
    {"1-of-1-key-rotation-fail-not-signed-with-new-key",
     {{2}, 1, {1}},
     "head: it is signed by the key FINGERPRINT, which is not the head key of root version 2 of "
     "Acme Labs"},
};

INSTANTIATE_TEST_SUITE_P(Tuf, HeadRotation, testing::ValuesIn(kHeadCases),
                         [](const auto& test) { return to_test_name(test.param.name); });

}  // namespace
}  // namespace owrd::trust
