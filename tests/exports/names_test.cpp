#include "daemon/exports/names.h"

#include <gtest/gtest.h>

#include "tests/exports/rich_release.h"

namespace owrd::exports {
namespace {

TEST(Names, PackageUrlsHaveTheVersionInPercentEncoding) {
  EXPECT_EQ(package_url(testing::rich_manifest()),
            "pkg:generic/1111111111111111111111111111111111111111111111111111111111111111/"
            "atlas-7b@1.2.0%2Bbuild.5");
  EXPECT_EQ(package_id(testing::rich_manifest()),
            "1111111111111111111111111111111111111111111111111111111111111111/atlas-7b");
}

TEST(Names, UuidsAreOfVersion8AndDifferByReleaseAndPurpose) {
  const auto rich = testing::rich_manifest();

  const auto uuid = uuid_of(rich, "a");

  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '8');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_EQ(uuid, uuid_of(rich, "a"));
  EXPECT_NE(uuid, uuid_of(rich, "b"));
  EXPECT_NE(uuid, uuid_of(testing::bare_manifest(), "a"));
}

TEST(Names, FindsTheRepositoryInAPackageUrl) {
  EXPECT_EQ(hugging_face_repository("pkg:huggingface/acme/base@0123"), "acme/base");
  EXPECT_EQ(hugging_face_repository("pkg:huggingface/gpt2"), "gpt2");
  EXPECT_EQ(hugging_face_repository("pkg:github/acme/base@0123"), "");
}

// RFC 8410 section 10.1: an Ed25519 public key.
TEST(Names, PrintsAPublicKeyInPem) {
  const auto bytes = parse_hex("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
  ASSERT_TRUE(bytes);
  const auto key = trust::PublicKey::from_bytes(*bytes);
  ASSERT_TRUE(key);

  EXPECT_EQ(public_key_pem(*key),
            "-----BEGIN PUBLIC KEY-----\n"
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
            "-----END PUBLIC KEY-----\n");
}

}  // namespace
}  // namespace owrd::exports
