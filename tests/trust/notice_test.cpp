#include "daemon/trust/notice.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/trust/release_signers.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class NoticeTest : public testing::Test {
 protected:
  Bytes seal_notice(const v1::Notice& message) const {
    return seal(PayloadKind::Notice, as_bytes(message.SerializeAsString()), {&releaser_});
  }
  RootChain chain() const {
    auto root = make_root({&owner_, &releaser_}, 1);
    set_role(*root.mutable_release(), {&releaser_}, 1);
    return *RootChain::verify({seal_root(root, {&owner_})});
  }

  const SecretKey owner_ = make_key(1);
  const SecretKey releaser_ = make_key(2);
};

TEST_F(NoticeTest, SaysSomethingOfARelease) {
  const auto message = example_notice(digest_of(1));
  const auto payload = make_notice_payload(message);
  ASSERT_TRUE(payload) << payload.error().message;
  const auto raw = seal(PayloadKind::Notice, *payload, {&releaser_, &owner_});

  const auto notice = Notice::parse(raw);

  ASSERT_TRUE(notice) << notice.error().message;
  EXPECT_EQ(notice->envelope().raw, raw);
  EXPECT_EQ(notice->publisher_id(), digest_of(1));
  EXPECT_EQ(notice->release_id(), digest_of(4));
  EXPECT_EQ(notice->kind(), v1::NOTICE_KIND_YANK);
  EXPECT_EQ(notice->reason(), v1::NOTICE_REASON_DEFECT);
  EXPECT_EQ(notice->model(), "atlas");
  EXPECT_EQ(notice->version(), "1.0.0");
  EXPECT_EQ(notice->text(), "Its tokenizer is that of another model.");
  EXPECT_EQ(notice->issued(), 1'750'000'000);
  EXPECT_EQ(notice->message().advisories(0), "CVE-2026-1234");
}

TEST_F(NoticeTest, NamesTheRuleThatIsBroken) {
  struct Case {
    std::function<void(v1::Notice&)> change;
    std::string reason;
    ErrorCode code = ErrorCode::Corrupt;
  };
  const Case cases[] = {
      {[](auto& n) { n.clear_publisher_id(); }, "notice: the publisher id is not 32 bytes"},
      {[](auto& n) { n.set_release_id("x"); }, "notice: the release id is not 32 bytes"},
      {[](auto& n) { n.clear_kind(); }, "notice: the kind is missing"},
      {[](auto& n) { n.set_kind(static_cast<v1::NoticeKind>(9)); },
       "notice: kind 9 needs a newer owrd", ErrorCode::InvalidInput},
      {[](auto& n) { n.clear_reason(); }, "notice: the reason is missing"},
      {[](auto& n) { n.set_reason(static_cast<v1::NoticeReason>(7)); },
       "notice: reason 7 needs a newer owrd", ErrorCode::InvalidInput},
      {[](auto& n) { n.set_model("../atlas"); },
       "notice: model \"../atlas\": expected letters, digits, '.', '_' and '-', at most 96"},
      {[](auto& n) { n.clear_version(); }, "notice: the version is not one line of 1 to 96 bytes"},
      {[](auto& n) { n.set_version(std::string(97, '1')); },
       "notice: the version is not one line of 1 to 96 bytes"},
      {[](auto& n) { n.set_text(std::string(4001, 'a')); },
       "notice: the text is longer than 4000 bytes"},
      {[](auto& n) { n.set_text("a\nb"); }, "notice: the text is not one paragraph of plain text"},
      {[](auto& n) {
         n.set_kind(v1::NOTICE_KIND_ADVISORY);
         n.clear_text();
       },
       "notice: an advisory without text"},
      {[](auto& n) { n.add_advisories(""); },
       "notice: the name of an advisory is not one line of 1 to 100 bytes"},
      {[](auto& n) {
         for (int i = 0; i < 16; ++i) n.add_advisories("x");
       },
       "notice: more than 16 advisories"},
      {[](auto& n) { n.clear_issued(); }, "notice: the time of issue is missing"},
  };
  for (const auto& [change, reason, code] : cases) {
    SCOPED_TRACE(reason);
    auto message = example_notice(digest_of(1));
    change(message);
    const auto notice = Notice::parse(seal_notice(message));
    ASSERT_FALSE(notice);
    EXPECT_EQ(notice.error().code, code);
    EXPECT_EQ(notice.error().message, reason);
    const auto made = make_notice_payload(message);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(made.error().message, reason);
  }
}

TEST_F(NoticeTest, NeedsNoTextButForAnAdvisory) {
  auto message = example_notice(digest_of(1));
  message.clear_text();
  message.clear_advisories();
  message.set_kind(v1::NOTICE_KIND_UNYANK);
  message.set_reason(v1::NOTICE_REASON_OTHER);

  EXPECT_TRUE(Notice::parse(seal_notice(message)));
}

TEST_F(NoticeTest, IsBelievedAsAReleaseIs) {
  const auto chain = this->chain();
  const auto payload = *make_notice_payload(example_notice(chain.publisher_id()));
  const auto by = [&](const SecretKey& key) {
    const auto notice = *Notice::parse(seal(PayloadKind::Notice, payload, {&key}));
    return verify_release(notice.envelope(), notice.model(), chain, std::nullopt);
  };

  EXPECT_TRUE(by(releaser_));
  const auto by_owner = by(owner_);
  ASSERT_FALSE(by_owner);
  EXPECT_EQ(by_owner.error().message,
            "notice: signed by a key that the root of Acme Labs does not list for releases, " +
                fingerprint(owner_.public_key().id()));
}

TEST_F(NoticeTest, HasAReasonAndARemedyWhenItsSignatureIsBroken) {
  const auto chain = this->chain();
  auto envelope = decode(seal_notice(example_notice(chain.publisher_id())));
  envelope.mutable_signatures(0)->mutable_signature()->back() = 'x';
  const auto notice = Notice::parse(encode(envelope));
  ASSERT_TRUE(notice);

  const auto verified = verify_release(notice->envelope(), notice->model(), chain, std::nullopt);

  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(verified.error().message,
            "notice: as one of Acme Labs, 0 of the 1 needed signature is valid");
  EXPECT_EQ(verified.error().hint,
            "this notice is damaged or forged: owrd publisher refresh fetches the publisher's feed "
            "again");
}

}  // namespace
}  // namespace owrd::trust
