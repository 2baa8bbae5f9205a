#include "daemon/trust/mutable_item.h"

#include <gtest/gtest.h>

#include "daemon/core/bencode.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

constexpr auto kRemedy = "the DHT is one source of several: owrd publisher refresh asks all";

class MutableItemTest : public testing::Test {
 protected:
  Head head() const { return *Head::parse(make_head(example_head(digest_of(1)), online_)); }
  MutableItem sign_value(std::string_view salt, std::int64_t sequence, const Bytes& value) const {
    return *sign_mutable_item(locator_, salt, sequence, value);
  }
  static AnchorTarget target() { return {3, {4567, digest_of(1)}, digest_of(2)}; }

  const SecretKey online_ = make_key(1);
  const SecretKey locator_ = make_key(2);
};

// BEP 44, test vectors 1 and 2. The private key that stands there is in its expanded form, so the
// vectors can be verified but not made by libsodium.
TEST_F(MutableItemTest, IsSignedAsBep44Says) {
  const auto key = *PublicKey::from_bytes(
      hex("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"));
  const auto value = to_bytes("12:Hello World!");
  const MutableItem unsalted{
      key, "", 1, value,
      hex("305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb7"
          "3ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")};
  const MutableItem salted{
      key, "foobar", 1, value,
      hex("6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed378"
          "7e6cb896fca78c58f8e03b5f18f14951a87d9a08")};

  EXPECT_EQ(as_text(mutable_item_buffer("", 1, value)), "3:seqi1e1:v12:Hello World!");
  EXPECT_EQ(as_text(mutable_item_buffer("foobar", 1, value)),
            "4:salt6:foobar3:seqi1e1:v12:Hello World!");
  EXPECT_TRUE(verify_mutable_item(unsalted));
  EXPECT_TRUE(verify_mutable_item(salted));

  auto other = salted;
  other.salt = "foobaz";
  EXPECT_FALSE(verify_mutable_item(other));
  other = salted;
  other.sequence = 2;
  EXPECT_FALSE(verify_mutable_item(other));
  other = unsalted;
  other.salt = "foobar";
  const auto refused = verify_mutable_item(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(refused.error().message,
            "DHT item: the signature by the key " + fingerprint(key.id()) + " is not valid");
  EXPECT_EQ(refused.error().hint, kRemedy);
}

// RFC 8032 section 5.1.7 wants S below the group order; libtorrent 2.0.8 takes what is above it.
TEST_F(MutableItemTest, RefusesAMalleatedSignature) {
  auto item = sign_value("", 1, to_bytes("1:x"));
  ASSERT_TRUE(verify_mutable_item(item));

  item.signature = add_group_order(item.signature);

  const auto refused = verify_mutable_item(item);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::BadSignature);
}

TEST_F(MutableItemTest, IsMeasuredOnBothSides) {
  const std::string salt(64, 's');
  const auto value = to_bytes(Bencode(std::string(996, 'v')).encode());
  ASSERT_EQ(value.size(), kItemLimitBytes);
  auto item = sign_value(salt, 1, value);
  EXPECT_TRUE(verify_mutable_item(item));

  const auto long_value = sign_mutable_item(locator_, "", 1, Bytes(1001));
  ASSERT_FALSE(long_value);
  EXPECT_EQ(long_value.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(long_value.error().message, "DHT item: the value is longer than 1000 bytes");
  const auto long_salt = sign_mutable_item(locator_, salt + "s", 1, {});
  ASSERT_FALSE(long_salt);
  EXPECT_EQ(long_salt.error().message, "DHT item: the salt is longer than 64 bytes");

  item.value.push_back(std::byte{'x'});
  EXPECT_EQ(verify_mutable_item(item).error().message,
            "DHT item: the value is longer than 1000 bytes");
  item.value.clear();
  item.salt += 's';
  const auto received = verify_mutable_item(item);
  EXPECT_EQ(received.error().message, "DHT item: the salt is longer than 64 bytes");
  EXPECT_EQ(received.error().code, ErrorCode::Corrupt);
}

// BEP 46: the value is a dictionary with the 20 bytes of an infohash under "ih".
TEST_F(MutableItemTest, OfAHeadCanBeFollowedByAnyClientOfBep46) {
  const auto value = encode_head_item(head());

  const auto bencoded = Bencode::parse(as_text(value));
  ASSERT_TRUE(bencoded);
  ASSERT_NE(bencoded->find_text("ih"), nullptr);
  EXPECT_EQ(*bencoded->find_text("ih"), digest_of(3).to_field().substr(0, 20));
  EXPECT_EQ(as_text(value).substr(0, 8), "d2:ih20:");
}

TEST_F(MutableItemTest, CarriesAHead) {
  const auto item = sign_value(kHeadSalt, 7, encode_head_item(head()));

  const auto read = read_head_item(item);

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->envelope().raw, head().envelope().raw);
}

TEST_F(MutableItemTest, HasRoomForTheLargestHead) {
  auto what = example_head(digest_of(1));
  what.sequence = kLastSequence;
  what.issued = INT64_MAX - kLongestHeadLifeSeconds;
  what.expires = INT64_MAX;
  what.root_version = UINT64_MAX;
  what.feed.length = kFeedLimitBytes;
  what.attestations = FeedFile{kAttestationsLimitBytes, digest_of(1)};
  const auto head = Head::parse(make_head(what, online_));
  ASSERT_TRUE(head) << head.error().message;

  const auto value = encode_head_item(*head);

  EXPECT_LE(value.size(), 500U);
  EXPECT_TRUE(
      read_head_item(sign_value(kHeadSalt, static_cast<std::int64_t>(kLastSequence), value)));
}

TEST_F(MutableItemTest, SaysTheSameThreeTimes) {
  const auto head = this->head();
  const std::string envelope(as_text(head.envelope().raw));
  const auto short_infohash = head.infohash().to_field().substr(0, 20);
  using Dictionary = Bencode::Dictionary;
  const auto value_of = [](Dictionary dictionary) {
    return to_bytes(Bencode(std::move(dictionary)).encode());
  };
  const Dictionary good = {{"ih", short_infohash}, {"o", envelope}};
  ASSERT_EQ(value_of(good), encode_head_item(head));
  const auto changed = [&](const std::string& key, const std::string& text) {
    auto dictionary = good;
    dictionary.insert_or_assign(key, text);
    return value_of(dictionary);
  };
  struct Case {
    std::string_view salt;
    std::int64_t sequence;
    Bytes value;
    std::string reason;
  };
  const Case cases[] = {
      {"", 7, value_of(good), "DHT item: expected the salt \"owrd/head/1\", got \"\""},
      {kAnchorSalt, 7, value_of(good),
       "DHT item: expected the salt \"owrd/head/1\", got \"owrd/root/1\""},
      {kHeadSalt, 8, value_of(good), "DHT item: its sequence is 8, the head's 7"},
      {kHeadSalt, -7, value_of(good), "DHT item: its sequence is -7, the head's 7"},
      {kHeadSalt, 7, changed("ih", std::string(20, 'x')),
       "DHT item: its infohash is not the head's"},
      {kHeadSalt, 7, changed("ih", head.infohash().to_field()),
       "DHT item: its infohash is not the head's"},
      {kHeadSalt, 7, value_of({{"o", envelope}}), "DHT item: its infohash is not the head's"},
      {kHeadSalt, 7, value_of({{"ih", short_infohash}}), "DHT item: the value holds no head"},
      {kHeadSalt, 7, value_of({{"ih", short_infohash}, {"o", 5}}),
       "DHT item: the value holds no head"},
      {kHeadSalt, 7, changed("o", "garbage"),
       "head envelope: not in strict form: owrd.v1.Envelope: a bad field tag"},
      {kHeadSalt, 7, changed("p", "more"), "DHT item: the value holds more than it should"},
      {kHeadSalt, 7, to_bytes("garbage"),
       "DHT item: not bencoded, or cut short, or followed by more"},
      {kHeadSalt, 7,
       to_bytes("d1:o" + Bencode(envelope).encode() + "2:ih20:" + short_infohash + "e"),
       "DHT item: not in canonical bencoding"},
  };
  for (const auto& [salt, sequence, value, reason] : cases) {
    SCOPED_TRACE(reason);
    const auto read = read_head_item(sign_value(salt, sequence, value));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(read.error().message, reason);
  }
}

TEST_F(MutableItemTest, IsVerifiedBeforeItIsRead) {
  auto item = sign_value(kHeadSalt, 7, encode_head_item(head()));
  item.signature[0] ^= std::byte{1};

  const auto head = read_head_item(item);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, ErrorCode::BadSignature);

  auto anchor = sign_value(kAnchorSalt, 3, encode_anchor_item(target()));
  anchor.key = online_.public_key();
  const auto read = read_anchor_item(anchor);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::BadSignature);
}

TEST_F(MutableItemTest, PointsToTheNewestRoot) {
  const auto item = sign_value(kAnchorSalt, 3, encode_anchor_item(target()));

  const auto read = read_anchor_item(item);

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->root_version, 3U);
  EXPECT_EQ(read->roots, target().roots);
  EXPECT_EQ(read->infohash, target().infohash);
}

TEST_F(MutableItemTest, PointsToNothingElse) {
  using Dictionary = Bencode::Dictionary;
  const auto digest = digest_of(1).to_field();
  const Dictionary good = {{"h", digest},
                           {"ih", digest_of(2).to_field().substr(0, 20)},
                           {"l", 4567},
                           {"n", 3},
                           {"t", digest_of(2).to_field()}};
  ASSERT_EQ(to_bytes(Bencode(good).encode()), encode_anchor_item(target()));
  struct Case {
    std::string key;
    Bencode value;
    std::string reason;
  };
  const std::string no_digests = "the value holds no two digests of 32 bytes";
  const std::string no_length = "the length is not from 1 byte to 16 MiB";
  const std::string no_version = "the root version is not from 1 to 256";
  const Case cases[] = {
      {"h", digest.substr(1), no_digests},
      {"t", 5, no_digests},
      {"ih", digest.substr(0, 20), "the value holds more than it should"},
      {"l", 0, no_length},
      {"l", 16 * 1024 * 1024 + 1, no_length},
      {"l", digest, no_length},
      {"n", 0, no_version},
      {"n", 257, no_version},
      {"n", 4, "its sequence is 3, the root version 4"},
      {"x", 1, "the value holds more than it should"},
  };
  for (const auto& [key, value, reason] : cases) {
    SCOPED_TRACE(key + ": " + reason);
    auto dictionary = good;
    dictionary.insert_or_assign(key, value);
    const auto read =
        read_anchor_item(sign_value(kAnchorSalt, 3, to_bytes(Bencode(dictionary).encode())));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(read.error().message, "DHT item: " + reason);
  }
}

}  // namespace
}  // namespace owrd::trust
