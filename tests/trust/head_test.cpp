#include "daemon/trust/head.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/trust/root_chain.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class HeadTest : public testing::Test {
 protected:
  Root root() const {
    auto message = make_root({&owner_}, 1);
    set_key(*message.mutable_head(), online_);
    return *Root::verify_first(seal_root(message, {&owner_}));
  }
  v1::Head message_of(const NewHead& what) const {
    v1::Head message;
    const auto payload = parse_envelope(make_head(what, online_), PayloadKind::Head)->payload;
    EXPECT_TRUE(message.ParseFromArray(payload.data(), static_cast<int>(payload.size())));
    return message;
  }
  Bytes seal_head(const v1::Head& message) const {
    return seal(PayloadKind::Head, as_bytes(message.SerializeAsString()), {&online_});
  }

  const SecretKey owner_ = make_key(1);
  const SecretKey online_ = make_key(2);
  const SecretKey stranger_ = make_key(9);
};

TEST_F(HeadTest, SaysWhereTheFeedStands) {
  auto what = example_head(root().publisher_id());
  what.attestations = FeedFile{55, digest_of(8)};
  const auto raw = make_head(what, online_);

  const auto head = Head::parse(raw);

  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->envelope().raw, raw);
  EXPECT_EQ(head->publisher_id(), what.publisher_id);
  EXPECT_EQ(head->sequence(), 7U);
  EXPECT_EQ(head->issued(), what.issued);
  EXPECT_EQ(head->expires(), what.expires);
  EXPECT_EQ(head->root_version(), 1U);
  EXPECT_EQ(head->feed(), what.feed);
  EXPECT_EQ(head->attestations(), what.attestations);
  EXPECT_EQ(head->infohash(), what.infohash);
  EXPECT_TRUE(verify_head(*head, root()));
}

TEST_F(HeadTest, NamesTheRuleThatIsBroken) {
  struct Case {
    std::function<void(v1::Head&)> change;
    std::string reason;
  };
  const Case cases[] = {
      {[](auto& h) { h.set_publisher_id("short"); }, "the publisher id is not 32 bytes"},
      {[](auto& h) { h.clear_sequence(); }, "the sequence is missing"},
      {[](auto& h) { h.set_sequence(kLastSequence + 1); }, "the sequence is above 2^53"},
      {[](auto& h) { h.set_issued(-5); }, "the time of issue is missing"},
      {[](auto& h) { h.set_expires(h.issued()); }, "it expires before it is issued"},
      {[](auto& h) { h.set_expires(h.issued() + kLongestHeadLifeSeconds + 1); },
       "it lives longer than 30 days"},
      {[](auto& h) { h.clear_root_version(); }, "the root version is missing"},
      {[](auto& h) { h.clear_feed(); }, "the feed is empty"},
      {[](auto& h) { h.mutable_feed()->clear_length(); }, "the feed is empty"},
      {[](auto& h) { h.mutable_feed()->set_length(kFeedLimitBytes + 1); },
       "the feed is longer than 16777216 bytes"},
      {[](auto& h) { h.mutable_feed()->clear_sha256(); },
       "the SHA-256 of the feed is not 32 bytes"},
      {[](auto& h) { h.mutable_attestations(); }, "the file of attestations is empty"},
      {[](auto& h) {
         *h.mutable_attestations() = h.feed();
         h.mutable_attestations()->set_length(kAttestationsLimitBytes + 1);
       },
       "the file of attestations is longer than 4194304 bytes"},
      {[](auto& h) { h.clear_infohash(); }, "the infohash is not 32 bytes"},
  };
  const auto good = message_of(example_head(digest_of(1)));
  ASSERT_TRUE(Head::parse(seal_head(good)));
  for (const auto& [change, reason] : cases) {
    SCOPED_TRACE(reason);
    auto message = good;
    change(message);
    const auto head = Head::parse(seal_head(message));
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(head.error().message, "head: " + reason);
    EXPECT_EQ(head.error().hint,
              "this head is damaged or forged: owrd publisher refresh asks all other places for "
              "it");
  }
}

TEST_F(HeadTest, TakesWhatIsJustWithinTheLimits) {
  auto message = message_of(example_head(digest_of(1)));
  message.set_sequence(kLastSequence);
  message.set_expires(message.issued() + kLongestHeadLifeSeconds);
  message.mutable_feed()->set_length(kFeedLimitBytes);
  *message.mutable_attestations() = message.feed();
  message.mutable_attestations()->set_length(kAttestationsLimitBytes);

  EXPECT_TRUE(Head::parse(seal_head(message)));
}

TEST_F(HeadTest, IsSignedByOneKeyAlone) {
  const auto payload = message_of(example_head(digest_of(1))).SerializeAsString();

  const auto two = Head::parse(seal(PayloadKind::Head, as_bytes(payload), {&online_, &owner_}));
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().message, "head: more than one signature");
  const auto none = Head::parse(seal(PayloadKind::Head, as_bytes(payload), {}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "head envelope: no signature");
}

TEST_F(HeadTest, RefusesAFieldItDoesNotKnow) {
  auto payload = message_of(example_head(digest_of(1))).SerializeAsString();
  payload += "\x4a\x01x";  // Field 9.

  const auto head = Head::parse(seal(PayloadKind::Head, as_bytes(payload), {&online_}));

  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().message, "head: not in strict form: owrd.v1.Head: unknown field 9");
}

TEST_F(HeadTest, IsBelievedByTheNewestRootAlone) {
  const auto first = root();
  auto chain = *RootChain::verify({first.raw()});
  auto second = make_next(first);
  set_key(*second.mutable_head(), stranger_);
  ASSERT_TRUE(chain.extend(seal_root(second, {&owner_})));
  auto what = example_head(first.publisher_id());
  const auto old_head = *Head::parse(make_head(what, online_));
  what.root_version = 2;
  const auto new_head = *Head::parse(make_head(what, stranger_));
  const auto stolen = *Head::parse(make_head(what, online_));

  EXPECT_TRUE(verify_head(new_head, chain.newest()));
  const auto early = verify_head(new_head, first);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(early.error().message,
            "head: it follows root version 2, and the newest known is root version 1 of Acme Labs");
  const auto late = verify_head(old_head, chain.newest());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(late.error().message,
            "head: it follows root version 1, which root version 2 of Acme Labs has replaced");
  const auto by_old_key = verify_head(stolen, chain.newest());
  ASSERT_FALSE(by_old_key);
  EXPECT_EQ(by_old_key.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(by_old_key.error().message,
            "head: it is signed by the key " + fingerprint(online_.public_key().id()) +
                ", which is not the head key of root version 2 of Acme Labs");
}

TEST_F(HeadTest, IsNotBelievedOfAnotherPublisher) {
  const auto head = *Head::parse(make_head(example_head(digest_of(1)), online_));

  const auto verified = verify_head(head, root());

  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(verified.error().message,
            "head: it is of publisher " + fingerprint(digest_of(1)) + ", not of Acme Labs");
}

TEST_F(HeadTest, IsNotBelievedWithoutAHeadKey) {
  const auto root = *Root::verify_first(seal_root(make_root({&owner_}, 1), {&owner_}));
  const auto head = *Head::parse(make_head(example_head(root.publisher_id()), owner_));

  const auto verified = verify_head(head, root);

  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(verified.error().message, "head: root version 1 of Acme Labs names no head key");
}

// The owner's keys are kept offline; what an online key signs must not pass for theirs, nor theirs
// for it.
TEST_F(HeadTest, IsNotBelievedByARootKey) {
  const auto head = *Head::parse(make_head(example_head(root().publisher_id()), owner_));

  EXPECT_FALSE(verify_head(head, root()));
}

TEST_F(HeadTest, IsNotBelievedWithABrokenSignature) {
  auto envelope = decode(make_head(example_head(root().publisher_id()), online_));
  envelope.mutable_signatures(0)->mutable_signature()->back() = 'x';
  const auto head = Head::parse(encode(envelope));
  ASSERT_TRUE(head);

  const auto verified = verify_head(*head, root());

  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(verified.error().message,
            "head: the signature by the head key of root version 1 of Acme Labs is not valid");
}

}  // namespace
}  // namespace owrd::trust
