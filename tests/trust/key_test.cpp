#include "daemon/trust/key.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <cstring>

#include "daemon/hash/sha256.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

PublicKey public_key(std::string_view text) { return *PublicKey::from_bytes(hex(text)); }

class Key : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(initialise()); }
};

// RFC 8032 section 7.1: TEST 1, TEST 2, TEST 3 and TEST SHA(abc).
TEST_F(Key, SignsAsTheRfcDoes) {
  struct Case {
    const char *seed, *key, *message, *signature;
  };
  const Case cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9"
       "b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "1"
       "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
       "d"
       "c6594a7c15e9716ed28dc027beceea1ec40a"},
      {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
       "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3f"
       "e"
       "ebbd454d4423643ce80e2a9ac94fa54ca49f",
       "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6643"
       "1"
       "e0303dca179c138ac17ad9bef1177331a704"},
  };
  for (const auto& [seed, key, message, signature] : cases) {
    SCOPED_TRACE(key);
    const auto secret = SecretKey::from_seed(hex(seed));
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->public_key(), public_key(key));
    EXPECT_EQ(to_hex(secret->sign(hex(message))), signature);
    EXPECT_TRUE(verify(hex(message), hex(signature), public_key(key)));
    EXPECT_FALSE(verify(hex(message + std::string("00")), hex(signature), public_key(key)));
  }
}

// BEP 44, test vectors 1 and 2.
TEST_F(Key, VerifiesTheMutableItemsOfBep44) {
  const auto key = public_key("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");

  EXPECT_TRUE(
      verify(as_bytes("3:seqi1e1:v12:Hello World!"),
             hex("305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e"
                 "4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01"),
             key));
  EXPECT_TRUE(
      verify(as_bytes("4:salt6:foobar3:seqi1e1:v12:Hello World!"),
             hex("6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104"
                 "b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08"),
             key));
}

TEST_F(Key, RefusesAMalleatedSignature) {
  const auto key = make_key(1);
  const auto message = as_bytes("a release");
  const auto signature = key.sign(message);

  const auto malleated = add_group_order(signature);

  EXPECT_TRUE(verify(message, signature, key.public_key()));
  EXPECT_NE(malleated, signature);
  EXPECT_FALSE(verify(message, malleated, key.public_key()));
}

/// The eight points of small order, and the other bytes that some libraries read as one of them.
const char* const kSmallOrder[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

TEST_F(Key, IsNoneOfSmallOrder) {
  for (const auto* point : kSmallOrder) {
    SCOPED_TRACE(point);
    const auto key = public_key(point);
    EXPECT_FALSE(is_possible(key));
    for (const auto* r : kSmallOrder)
      EXPECT_FALSE(verify(as_bytes("anything"), hex(r + std::string(64, '0')), key));
  }
}

using Scalar = std::array<unsigned char, crypto_core_ed25519_SCALARBYTES>;
using Point = std::array<unsigned char, crypto_core_ed25519_BYTES>;

Point point_of(std::string_view text) {
  Point point{};
  const auto bytes = hex(text);
  std::memcpy(point.data(), bytes.data(), point.size());
  return point;
}

/// RFC 8032 section 5.1.6: SHA-512(R || A || message), modulo the group order.
Scalar challenge(const Point& r, const PublicKey& key, std::string_view message) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  crypto_hash_sha512_update(&state, r.data(), r.size());
  crypto_hash_sha512_update(&state, reinterpret_cast<const unsigned char*>(key.bytes().data()),
                            key.bytes().size());
  crypto_hash_sha512_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                            message.size());
  std::array<unsigned char, crypto_hash_sha512_BYTES> hash{};
  crypto_hash_sha512_final(&state, hash.data());
  Scalar scalar{};
  crypto_core_ed25519_scalar_reduce(scalar.data(), hash.data());
  return scalar;
}

/// The secret scalar of the key whose seed is 32 times `byte`.
Scalar scalar_of(int byte) {
  std::array<unsigned char, 32> seed{};
  seed.fill(static_cast<unsigned char>(byte));
  std::array<unsigned char, crypto_hash_sha512_BYTES> wide{};
  crypto_hash_sha512(wide.data(), seed.data(), seed.size());
  wide[0] &= 248;
  wide[31] = static_cast<unsigned char>((wide[31] & 127) | 64);
  std::array<unsigned char, crypto_hash_sha512_BYTES> clamped{};
  std::copy_n(wide.begin(), 32, clamped.begin());
  Scalar scalar{};
  crypto_core_ed25519_scalar_reduce(scalar.data(), clamped.data());
  return scalar;
}

// Who knows the key can choose R as the identity and S = k·a, and the equation of RFC 8032 holds:
// the signature says nothing of a secret nonce. libsodium refuses it all the same.
TEST_F(Key, RefusesASignatureWhoseRIsOfSmallOrder) {
  const auto key = make_key(1).public_key();
  const auto identity = point_of(kSmallOrder[0]);
  const auto k = challenge(identity, key, "a release");
  const auto secret = scalar_of(1);
  Scalar s{};
  crypto_core_ed25519_scalar_mul(s.data(), k.data(), secret.data());

  Point left{}, right{};
  ASSERT_EQ(crypto_scalarmult_ed25519_base_noclamp(left.data(), s.data()), 0);
  ASSERT_EQ(crypto_scalarmult_ed25519_noclamp(
                right.data(), k.data(), reinterpret_cast<const unsigned char*>(key.bytes().data())),
            0);
  ASSERT_EQ(left, right) << "S·B = R + k·A holds";
  Bytes signature(64);
  std::memcpy(signature.data(), identity.data(), 32);
  std::memcpy(signature.data() + 32, s.data(), 32);
  EXPECT_FALSE(verify(as_bytes("a release"), signature, key));
}

// The sum of a key and a point of small order is a point whose signatures some libraries believe
// and some do not; no root may list one.
TEST_F(Key, IsNoneWithAComponentOfSmallOrder) {
  const auto key = make_key(1).public_key();
  for (const auto* torsion : {kSmallOrder[1], kSmallOrder[2], kSmallOrder[4], kSmallOrder[6]}) {
    Point mixed{};
    ASSERT_EQ(crypto_core_ed25519_add(mixed.data(),
                                      reinterpret_cast<const unsigned char*>(key.bytes().data()),
                                      point_of(torsion).data()),
              0);
    const auto mixed_key = PublicKey::from_bytes(std::as_bytes(std::span(mixed)));
    ASSERT_TRUE(mixed_key);
    EXPECT_NE(*mixed_key, key);
    EXPECT_FALSE(is_possible(*mixed_key)) << torsion;
  }
}

// With the identity as key and as R, and S = 0, the equation of RFC 8032 holds for every message.
TEST_F(Key, RefusesAKeyOfSmallOrder) {
  const auto identity = std::string("01") + std::string(62, '0');
  const auto key = public_key(identity);

  EXPECT_FALSE(verify(as_bytes("anything"), hex(identity + std::string(64, '0')), key));
  EXPECT_FALSE(is_possible(key));
}

TEST_F(Key, TellsPossibleKeysFromOthers) {
  EXPECT_TRUE(is_possible(make_key(1).public_key()));
  EXPECT_FALSE(is_possible(public_key(std::string(64, '0'))));
  EXPECT_FALSE(is_possible(public_key(std::string(64, 'f'))));
  EXPECT_FALSE(is_possible(public_key(std::string("02") + std::string(62, '0'))));
}

TEST_F(Key, RefusesASignatureOfAnotherLength) {
  const auto key = make_key(1);
  auto signature = key.sign({});
  ASSERT_EQ(signature.size(), 64U);
  signature.push_back(std::byte{0});

  EXPECT_FALSE(verify({}, signature, key.public_key()));
  EXPECT_FALSE(verify({}, ByteView(signature).first(63), key.public_key()));
  EXPECT_FALSE(verify({}, {}, key.public_key()));
}

TEST_F(Key, HasAnIdThatCoversTheAlgorithm) {
  const auto key = make_key(1).public_key();

  std::string text = "owrd-key-v1\n";
  text += '\x01';
  text += as_text(key.bytes());

  EXPECT_EQ(key.id(), hash::sha256(as_bytes(text)));
}

TEST_F(Key, ShowsTheFirstEightBytesOfAnIdToPeople) {
  const auto id = Digest::from_hex("3f7a91c20b4488e1d0a7" + std::string(44, '0'));

  EXPECT_EQ(fingerprint(*id), "3F7A 91C2 0B44 88E1");
}

TEST_F(Key, IsNewEachTimeItIsGenerated) {
  const auto first = SecretKey::generate();
  const auto second = SecretKey::generate();

  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_NE(first->public_key(), second->public_key());
  EXPECT_TRUE(verify(as_bytes("x"), first->sign(as_bytes("x")), first->public_key()));
  EXPECT_FALSE(verify(as_bytes("x"), first->sign(as_bytes("x")), second->public_key()));
}

TEST_F(Key, NeedsExactly32Bytes) {
  EXPECT_EQ(PublicKey::from_bytes(Bytes(33)).error().message,
            "public key: expected 32 bytes, got 33");
  EXPECT_EQ(SecretKey::from_seed(Bytes(31)).error().message,
            "secret key: expected a seed of 32 bytes, got 31");
}

}  // namespace
}  // namespace owrd::trust
