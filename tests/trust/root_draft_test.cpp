#include "daemon/trust/root_draft.h"

#include <gtest/gtest.h>

#include "daemon/hash/sha256.h"
#include "daemon/trust/root_chain.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class RootDraftTest : public testing::Test {
 protected:
  using Keys = std::set<PublicKey>;

  /// Two of three.
  Bytes first_payload() const {
    return to_bytes(make_root({&one_, &two_, &three_}, 2).SerializeAsString());
  }
  Root first() const {
    return *Root::verify_first(seal(PayloadKind::Root, first_payload(), {&one_, &two_}));
  }
  /// Two of two and four, where three and one have left.
  Bytes second_payload() const {
    auto root = make_next(first());
    add_key(root, four_);
    set_role(*root.mutable_root(), {&two_, &four_}, 2);
    return to_bytes(root.SerializeAsString());
  }

  const SecretKey one_ = make_key(1);
  const SecretKey two_ = make_key(2);
  const SecretKey three_ = make_key(3);
  const SecretKey four_ = make_key(4);
  const SecretKey stranger_ = make_key(9);
};

TEST_F(RootDraftTest, SaysWhatItLacks) {
  const auto draft = read_root_draft(make_root_draft(first_payload()), nullptr);

  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_EQ(draft->payload_digest, hash::sha256(first_payload()));
  EXPECT_EQ(draft->message.display_name(), "Acme Labs");
  ASSERT_EQ(draft->needs.size(), 1U);
  EXPECT_EQ(draft->needs[0].root_version, 1U);
  EXPECT_EQ(draft->needs[0].threshold, 2U);
  EXPECT_EQ(draft->needs[0].signed_by, Keys{});
  EXPECT_EQ(draft->needs[0].could_sign,
            (Keys{one_.public_key(), two_.public_key(), three_.public_key()}));
  EXPECT_FALSE(draft->needs[0].is_met());
  EXPECT_FALSE(draft->is_complete());
}

TEST_F(RootDraftTest, BecomesARootWhenEnoughHaveSigned) {
  const auto once = sign_root_draft(make_root_draft(first_payload()), nullptr, three_);
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_FALSE(read_root_draft(*once, nullptr)->is_complete());
  EXPECT_FALSE(Root::verify_first(*once));

  const auto twice = sign_root_draft(*once, nullptr, one_);

  ASSERT_TRUE(twice) << twice.error().message;
  EXPECT_TRUE(read_root_draft(*twice, nullptr)->is_complete());
  const auto root = Root::verify_first(*twice);
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->publisher_id(), first().publisher_id()) << "who signs changes no identity";
}

TEST_F(RootDraftTest, NeedsTheThresholdsOfTwoVersions) {
  const auto previous = first();
  auto bytes = make_root_draft(second_payload());
  for (const auto* key : {&two_, &four_}) bytes = *sign_root_draft(bytes, &previous, *key);

  const auto draft = read_root_draft(bytes, &previous);

  ASSERT_TRUE(draft) << draft.error().message;
  ASSERT_EQ(draft->needs.size(), 2U);
  EXPECT_EQ(draft->needs[0].root_version, 2U);
  EXPECT_TRUE(draft->needs[0].is_met());
  EXPECT_EQ(draft->needs[0].could_sign, Keys{});
  EXPECT_EQ(draft->needs[1].root_version, 1U);
  EXPECT_FALSE(draft->needs[1].is_met());
  EXPECT_EQ(draft->needs[1].signed_by, Keys{two_.public_key()});
  EXPECT_EQ(draft->needs[1].could_sign, (Keys{one_.public_key(), three_.public_key()}));
  EXPECT_FALSE(draft->is_complete());
  auto chain = *RootChain::verify({previous.raw()});
  EXPECT_FALSE(chain.extend(bytes));

  bytes = *sign_root_draft(bytes, &previous, one_);
  EXPECT_TRUE(read_root_draft(bytes, &previous)->is_complete());
  EXPECT_TRUE(chain.extend(bytes));
}

TEST_F(RootDraftTest, TakesEachKeyOnceAndNoStrangers) {
  const auto once = *sign_root_draft(make_root_draft(first_payload()), nullptr, one_);

  const auto again = sign_root_draft(once, nullptr, one_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(again.error().message, "root draft: the key " + fingerprint(one_.public_key().id()) +
                                       " has signed it already");
  const auto strange = sign_root_draft(once, nullptr, stranger_);
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(strange.error().message, "root draft: the key " +
                                         fingerprint(stranger_.public_key().id()) +
                                         " is no root key of this version or of the one before it");
}

TEST_F(RootDraftTest, RefusesSignaturesThatDoNotCount) {
  const auto strange =
      read_root_draft(seal(PayloadKind::Root, first_payload(), {&stranger_}), nullptr);
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(strange.error().message, "root draft: it is signed by the key " +
                                         fingerprint(stranger_.public_key().id()) +
                                         ", which has no say in it");

  auto envelope = decode(seal(PayloadKind::Root, first_payload(), {&one_}));
  envelope.mutable_signatures(0)->mutable_signature()->back() = 'x';
  const auto broken = read_root_draft(encode(envelope), nullptr);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(broken.error().message, "root draft: the signature of the key " +
                                        fingerprint(one_.public_key().id()) + " is not valid");
}

TEST_F(RootDraftTest, KeepsTheRulesOfARoot) {
  const auto previous = first();

  const auto out_of_place = read_root_draft(make_root_draft(second_payload()), nullptr);
  ASSERT_FALSE(out_of_place);
  EXPECT_EQ(out_of_place.error().message, "root: version 2 comes without version 1 before it");
  const auto not_next = read_root_draft(make_root_draft(first_payload()), &previous);
  ASSERT_FALSE(not_next);
  EXPECT_EQ(not_next.error().message, "root: version 1 does not follow version 1");
}

TEST_F(RootDraftTest, TakesAtMost32Signatures) {
  std::vector<SecretKey> keys;
  for (int i = 0; i < 33; ++i) keys.push_back(make_key(100 + i));
  std::vector<const SecretKey*> all;
  for (const auto& key : keys) all.push_back(&key);
  auto bytes = make_root_draft(as_bytes(make_root(all, 1).SerializeAsString()));
  for (int i = 0; i < 32; ++i)
    bytes = *sign_root_draft(bytes, nullptr, keys[static_cast<std::size_t>(i)]);

  const auto signed_once_more = sign_root_draft(bytes, nullptr, keys.back());

  ASSERT_FALSE(signed_once_more);
  EXPECT_EQ(signed_once_more.error().message, "root envelope: more than 32 signatures");
}

}  // namespace
}  // namespace owrd::trust
