#include "daemon/release/feed.h"

#include <gtest/gtest.h>

#include "daemon/release/attestation_list.h"
#include "daemon/release/naming.h"
#include "daemon/release/record_file.h"
#include "daemon/release/standing.h"
#include "daemon/trust/attestation.h"
#include "tests/support/made_feed.h"

namespace owrd::release {
namespace {

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    acme_.list("atlas", "1.0.0", 1);
    acme_.list("atlas", "1.2.0", 2);
    acme_.list("atlas", "2.0.0-rc.1", 3);
    acme_.list("hermes", "0.1", 4);
  }
  /// What a label stands for: a version, or the error's message.
  std::string resolved(const std::string& model, const std::string& label) const {
    const auto named = resolve_label(*acme_.feed, model, label);
    return named ? named->release->version : named.error().message;
  }
  void notice(v1::NoticeKind kind, const std::string& version, int signer = 11) {
    acme_.append(acme_.notice(kind, "atlas", version, signer));
  }
  /// The feed with this record at its end, as anybody could write it.
  Bytes with(const v1::FeedRecord& record) const {
    auto bytes = acme_.feed->bytes();
    append_record(bytes, as_bytes(record.SerializeAsString()));
    return bytes;
  }

  MadeFeed acme_;
};

TEST_F(FeedTest, IsReadAsItWasWritten) {
  acme_.append(MadeFeed::channel("atlas", "stable", "1.0.0"));
  notice(v1::NOTICE_KIND_YANK, "1.2.0");

  const auto read = Feed::parse(acme_.feed->bytes());

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->bytes(), acme_.feed->bytes());
  EXPECT_EQ(read->publisher_id(), acme_.id());
  ASSERT_EQ(read->releases().size(), 4U);
  EXPECT_EQ(read->releases()[1].version, "1.2.0");
  EXPECT_EQ(read->releases()[1].record, 2U);
  EXPECT_EQ(read->releases()[1].release_id, trust::digest_of(2));
  EXPECT_EQ(read->find("atlas", "1.0.0"), &read->releases()[0]);
  EXPECT_EQ(read->find(trust::digest_of(4)), &read->releases()[3]);
  EXPECT_EQ(read->find("atlas", "9"), nullptr);
  EXPECT_EQ(read->channels().at({"atlas", "stable"}).version, "1.0.0");
  ASSERT_EQ(read->notices().size(), 1U);
  EXPECT_TRUE(read->notices().front().is_believed());
}

TEST_F(FeedTest, ContinuesOnlyWhatItBeginsWith) {
  const auto before = *acme_.feed;
  acme_.list("atlas", "3.0.0", 5);
  EXPECT_TRUE(acme_.feed->continues(before));
  EXPECT_TRUE(before.continues(before));
  EXPECT_FALSE(before.continues(*acme_.feed));
  MadeFeed other;
  other.list("atlas", "1.0.0", 9);
  EXPECT_FALSE(acme_.feed->continues(*other.feed));
}

TEST_F(FeedTest, RefusesRecordsByReason) {
  auto no_time = MadeFeed::listing("atlas", "5.0.0", 50);
  auto early = no_time;
  early.set_added(MadeFeed::kStart - 1);
  const auto at = [](v1::FeedRecord record) {
    record.set_added(MadeFeed::kStart);
    return record;
  };
  auto bad_name = at(MadeFeed::listing("no/slash", "5.0.0", 50));
  auto bad_digest = at(MadeFeed::listing("atlas", "5.0.0", 50));
  bad_digest.mutable_release()->set_release_id("short");
  auto bad_license = at(MadeFeed::listing("atlas", "5.0.0", 50));
  bad_license.mutable_release()->set_license("two\nlines");
  auto bad_summary = at(MadeFeed::listing("atlas", "5.0.0", 50));
  bad_summary.mutable_release()->set_summary("two\nlines");
  v1::FeedRecord root_again;
  root_again.set_root(std::string(as_text(acme_.roots.front())));
  struct Case {
    v1::FeedRecord record;
    std::string says;
  };
  const Case cases[] = {
      {no_time, "a record has no time"},
      {early, "a record is older than the one before it"},
      {at({}), "an empty record"},
      {at(root_again), "root"},
      {at(MadeFeed::listing("atlas", "1.0.0", 50)), "a version is written once"},
      {at(MadeFeed::listing("atlas", "5.0.0", 1)), "is listed under another version already"},
      {at(MadeFeed::listing("atlas", "latest", 50)), "invalid version"},
      {bad_name, "invalid model name"},
      {bad_digest, "is not 32 bytes"},
      {bad_license, "the licence of"},
      {bad_summary, "is not one line"},
      {at(MadeFeed::channel("atlas", "stable", "9.9.9")), "which is not listed"},
      {at(MadeFeed::channel("atlas", "1", "1.0.0")), "lower-case letters"},
      {at(MadeFeed::channel("atlas", "stable", "")), "has no channel"}};
  for (const auto& [record, says] : cases) {
    SCOPED_TRACE(says);
    const auto refused = Feed::parse(with(record));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Corrupt);
    EXPECT_NE(refused.error().message.find(says), std::string::npos) << refused.error().message;
    EXPECT_TRUE(refused.error().message.starts_with("record 5 of the feed: "));
  }
}

TEST_F(FeedTest, RefusesEveryTruncationButAtARecord) {
  std::set<std::size_t> ends;
  auto shorter = Feed::begin(acme_.chain(), MadeFeed::kStart);
  ends.insert(shorter.bytes().size());
  for (std::size_t i = 1; i < acme_.feed->records().size(); ++i) {
    ASSERT_TRUE(shorter.append(acme_.feed->records()[i], MadeFeed::kStart));
    ends.insert(shorter.bytes().size());
  }
  const ByteView whole = acme_.feed->bytes();
  for (std::size_t length = 0; length <= whole.size(); ++length)
    EXPECT_EQ(static_cast<bool>(Feed::parse(whole.first(length))), ends.count(length) == 1)
        << length;
}

TEST_F(FeedTest, ForgetsNothingWhenARecordIsRefused) {
  const auto before = acme_.feed->bytes();
  EXPECT_FALSE(acme_.feed->append(MadeFeed::listing("atlas", "1.0.0", 77), MadeFeed::kStart));
  EXPECT_FALSE(acme_.feed->append(MadeFeed::channel("atlas", "stable", "7"), MadeFeed::kStart));
  EXPECT_EQ(acme_.feed->bytes(), before);
  EXPECT_EQ(acme_.feed->records().size(), 5U);
}

TEST_F(FeedTest, LabelsStandForReleases) {
  acme_.append(MadeFeed::channel("atlas", "stable", "1.0.0"));
  acme_.append(MadeFeed::channel("atlas", "next", "2.0.0-rc.1"));
  EXPECT_EQ(resolved("atlas", ""), "1.2.0");
  EXPECT_EQ(resolved("atlas", "latest"), "1.2.0");
  EXPECT_EQ(resolved("atlas", "stable"), "1.0.0");
  EXPECT_EQ(resolved("atlas", "next"), "2.0.0-rc.1");
  EXPECT_EQ(resolved("atlas", "1.0.0"), "1.0.0");
  EXPECT_EQ(resolved("atlas", "2.0.0-rc.1"), "2.0.0-rc.1");
  EXPECT_EQ(resolved("atlas", "1"), "1.2.0");
  EXPECT_EQ(resolved("atlas", "1.0"), "1.0.0");
  EXPECT_EQ(resolved("hermes", "0"), "0.1");
  EXPECT_NE(resolved("atlas", "2").find("stands for no release"), std::string::npos);
  EXPECT_NE(resolved("atlas", "3").find("no version"), std::string::npos);
  EXPECT_NE(resolved("atlas", "nightly").find("no version or channel"), std::string::npos);
  EXPECT_NE(resolved("atls", "1").find("no model"), std::string::npos);
}

TEST_F(FeedTest, NamesPassOverWhatWasYanked) {
  acme_.append(MadeFeed::channel("atlas", "stable", "1.2.0"));
  notice(v1::NOTICE_KIND_YANK, "1.2.0");
  EXPECT_EQ(resolved("atlas", "latest"), "1.0.0");
  EXPECT_EQ(resolved("atlas", "1"), "1.0.0");
  EXPECT_EQ(resolved("atlas", "1.2.0"), "1.2.0");
  EXPECT_NE(resolved("atlas", "stable").find("has yanked: \"it is broken\""), std::string::npos);

  notice(v1::NOTICE_KIND_UNYANK, "1.2.0");
  EXPECT_EQ(resolved("atlas", "latest"), "1.2.0");

  notice(v1::NOTICE_KIND_WITHDRAW, "1.2.0");
  notice(v1::NOTICE_KIND_UNYANK, "1.2.0");
  EXPECT_EQ(resolved("atlas", "latest"), "1.0.0");
  EXPECT_TRUE(standing_of(*acme_.feed, trust::digest_of(2)).withdrawn);
}

TEST_F(FeedTest, ChannelsAreToldOfTheReleaseThatTheyName) {
  acme_.append(MadeFeed::channel("atlas", "stable", "1.0.0"));
  const auto& releases = acme_.feed->releases();
  EXPECT_EQ(channels_of(*acme_.feed, releases[0]), std::vector<std::string>{"stable"});
  EXPECT_EQ(channels_of(*acme_.feed, releases[1]), std::vector<std::string>{"latest"});
  EXPECT_TRUE(channels_of(*acme_.feed, releases[2]).empty());

  acme_.append(MadeFeed::channel("atlas", "latest", "1.0.0"));
  acme_.append(MadeFeed::channel("atlas", "stable", ""));
  EXPECT_EQ(channels_of(*acme_.feed, acme_.feed->releases()[0]),
            std::vector<std::string>{"latest"});
  EXPECT_EQ(resolved("atlas", ""), "1.0.0");
}

TEST_F(FeedTest, NoticesOfARevokedKeySayNothing) {
  notice(v1::NOTICE_KIND_YANK, "1.2.0", 12);
  notice(v1::NOTICE_KIND_YANK, "1.0.0", 12);
  ASSERT_EQ(resolved("atlas", "latest").find("1."), std::string::npos);
  const auto second = acme_.feed->notices()[1].record;

  acme_.plan.release.keys.pop_back();
  acme_.plan.revoked[acme_.key(12).public_key().id()] = second;
  acme_.rotate();

  EXPECT_TRUE(acme_.feed->notices()[0].is_believed());
  EXPECT_FALSE(acme_.feed->notices()[1].is_believed());
  EXPECT_EQ(resolved("atlas", "latest"), "1.0.0");
  const auto read = Feed::parse(acme_.feed->bytes());
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->notices()[1].is_believed());
}

TEST(AttestationListTest, LeavesOutWhatDoesNotVerify) {
  const auto key = trust::make_key(41);
  std::vector<trust::Attestation> attestations;
  for (int i = 1; i <= 3; ++i)
    attestations.push_back(*trust::Attestation::verify(trust::make_attestation(
        {"archive", trust::digest_of(1), trust::digest_of(i), trust::digest_of(9), 1000, 5}, key)));
  auto file = encode_attestations(attestations);
  ASSERT_EQ(parse_attestations(file)->size(), 3U);

  file.back() ^= std::byte{1};
  EXPECT_EQ(parse_attestations(file)->size(), 2U);
  file.pop_back();
  EXPECT_FALSE(parse_attestations(file));
  EXPECT_TRUE(parse_attestations({})->empty());
  EXPECT_TRUE(encode_attestations({}).empty());
}

TEST(FeedTorrentTest, ChangesOnlyWhereTheFeedDoes) {
  MadeFeed acme;
  for (int i = 1; i < 250; ++i) acme.list("model-" + std::to_string(i), "1.0", i);
  const auto roots = [&] {
    std::vector<std::optional<Digest>> all;
    for (const auto& file : derive_feed_torrent(acme.id(), acme.feed->bytes(), {}).files)
      all.push_back(file.pieces_root);
    return all;
  };
  for (int i = 0; i < 600; ++i)
    acme.append(MadeFeed::channel("model-1", "c" + std::to_string(i), "1.0"));
  const auto before = roots();
  ASSERT_GT(before.size(), 1U);
  acme.append(MadeFeed::channel("model-2", "stable", "1.0"));
  const auto after = roots();
  for (std::size_t i = 0; i + 1 < before.size(); ++i) EXPECT_EQ(before[i], after[i]) << i;
  EXPECT_NE(before.back(), after[before.size() - 1]);
}

}  // namespace
}  // namespace owrd::release
