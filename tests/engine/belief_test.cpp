#include "daemon/engine/belief.h"

#include <gtest/gtest.h>

#include "tests/content/temporary_directory.h"
#include "tests/engine/made_release.h"
#include "tests/support/manual_clock.h"
#include "tests/trust/make.h"

namespace owrd::engine {
namespace {

class BeliefTest : public ::testing::Test {
 protected:
  BeliefTest() : store_(std::move(*store::Store::open(directory_ / "store"))) {}
  void pin(const MadePublisher& publisher, const std::string& petname) {
    const auto roots = trust::RootChain::verify({publisher.root});
    ASSERT_TRUE(roots);
    ASSERT_TRUE(publishers_.pin(*roots, petname));
  }

  content::TemporaryDirectory directory_;
  std::unique_ptr<store::Store> store_;
  test::ManualClock clock_;
  KnownPublishers publishers_{*store_, clock_};
  const MadePublisher acme_ = make_publisher();
  const MadeRelease release_ = make_release(acme_);
};

TEST_F(BeliefTest, BelievesWhatAPinnedPublisherSigned) {
  pin(acme_, "labs");
  const auto believed = believe(release_.proof, publishers_);
  ASSERT_TRUE(believed) << believed.error().message;
  EXPECT_EQ(believed->petname, "labs");
  EXPECT_EQ(believed->proof, release_.proof);
  EXPECT_EQ(believed->torrent.infohash, release_.torrent.infohash);
  EXPECT_EQ(
      believed->signed_by,
      std::vector<std::string>{"labs (" + trust::fingerprint(acme_.key.public_key().id()) + ")"});
  EXPECT_EQ(ref_text(believed->petname, believed->manifest), "labs/atlas:1.0.0");
}

TEST_F(BeliefTest, NamesTheCommandThatWouldPinAnUnknownPublisher) {
  const auto believed = believe(release_.proof, publishers_);
  ASSERT_FALSE(believed);
  EXPECT_EQ(believed.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(believed.error().message, "release atlas:1.0.0 claims to be of publisher " +
                                          acme_.id.to_hex() + ", which is not pinned here");
  EXPECT_NE(
      believed.error().hint.find("owrd publisher add FILE.owrp --fingerprint " + acme_.id.to_hex()),
      std::string::npos);
}

TEST_F(BeliefTest, RefusesAnotherKeysSignature) {
  pin(acme_, "acme");
  const auto mallory = make_publisher("mallory", 2);
  pin(mallory, "mallory");
  const auto proof = make_forged_release(acme_, mallory).proof;
  const auto believed = believe(proof, publishers_);
  ASSERT_FALSE(believed);
  EXPECT_EQ(believed.error().code, ErrorCode::Untrusted);
  EXPECT_NE(believed.error().message.find("signed by a key that the root of acme does not list"),
            std::string::npos)
      << believed.error().message;

  // The same signature, said to be acme's.
  auto envelope = trust::decode(proof);
  envelope.mutable_signatures(0)->set_key_id(acme_.key.public_key().id().to_field());
  const auto pretended = believe(trust::encode(envelope), publishers_);
  ASSERT_FALSE(pretended);
  EXPECT_EQ(pretended.error().code, ErrorCode::BadSignature);
}

TEST_F(BeliefTest, RefusesEveryFlippedBit) {
  pin(acme_, "acme");
  auto proof = release_.proof;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    const auto bit = std::byte{1} << static_cast<int>(i % 8);
    proof[i] ^= bit;
    EXPECT_FALSE(believe(proof, publishers_)) << "byte " << i;
    proof[i] ^= bit;
  }
  EXPECT_TRUE(believe(proof, publishers_));
}

TEST_F(BeliefTest, RefusesEveryTruncation) {
  pin(acme_, "acme");
  for (std::size_t length = 0; length < release_.proof.size(); ++length)
    EXPECT_FALSE(believe(ByteView(release_.proof).first(length), publishers_)) << length;
}

TEST_F(BeliefTest, SaysWhenAPinnedRootInTheStoreIsDamaged) {
  auto root = acme_.root;
  root.back() ^= std::byte{1};
  ASSERT_TRUE(store_->add_publisher({acme_.id, "acme", 1, {root}}));
  ASSERT_TRUE(publishers_.load());
  const auto believed = believe(release_.proof, publishers_);
  ASSERT_FALSE(believed);
  EXPECT_EQ(believed.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(believed.error().hint, "owrd publisher rm acme, then add it again from its .owrp");
}

}  // namespace
}  // namespace owrd::engine
