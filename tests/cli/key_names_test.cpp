#include "cli/key_names.h"

#include "tests/cli/publisher_test.h"

namespace owrd::cli {
namespace {

using KeyNames = PublisherTest;

TEST_F(KeyNames, TakesAKeyOfTheKeyringAPublicKeyOrALabelledOne) {
  const auto mine = make_key("k1");
  const auto theirs = other_key();
  const auto text = public_key_text(theirs.public_key());

  EXPECT_EQ(*parse_key(keyring(), "k1"), named(mine, "k1"));
  EXPECT_EQ(*parse_key(keyring(), text), named(theirs, ""));
  EXPECT_EQ(*parse_key(keyring(), "Kim's card=" + text), named(theirs, "Kim's card"));
}

TEST_F(KeyNames, RefusesWhatIsNoKey) {
  const auto hex = std::string(64, 'a');
  const struct {
    std::string text;
    ErrorCode code;
  } cases[] = {{"absent", ErrorCode::NotFound},
               {"no name!", ErrorCode::InvalidInput},
               {"ed25519:", ErrorCode::InvalidInput},
               {"ed25519:" + hex.substr(1), ErrorCode::InvalidInput},
               {"ed25519:" + hex + "0", ErrorCode::InvalidInput},
               {"ed25519:" + std::string(64, 'A'), ErrorCode::InvalidInput},
               {"k=rsa:" + hex, ErrorCode::InvalidInput},
               {"k=absent", ErrorCode::InvalidInput}};
  for (const auto& [text, code] : cases) {
    SCOPED_TRACE(text);
    const auto key = parse_key(keyring(), text);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, code) << key.error().message;
    EXPECT_NE(key.error().hint, "");
  }
}

TEST_F(KeyNames, FindsAKeyOfARootByEveryNameThatItHas) {
  const auto mine = make_key("in-my-keyring");
  const std::vector<NamedKey> known = {named(other_key(), "r1"), named(mine, "r2")};
  const auto id = mine.public_key().id();

  for (const std::string& text :
       {std::string("r2"), public_key_text(mine.public_key()), id.to_hex(),
        id.to_hex().substr(0, 12), trust::fingerprint(id), std::string("in-my-keyring")}) {
    SCOPED_TRACE(text);
    const auto key = find_key(known, keyring(), text);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(*key, mine.public_key());
  }
}

TEST_F(KeyNames, TellsAnUnknownKeyFromAnAmbiguousOne) {
  const std::vector<NamedKey> known = {named(other_key(), "release-1"), named(other_key(), "twice"),
                                       named(other_key(), "twice")};

  const auto unknown = find_key(known, keyring(), "release-2");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::NotFound);
  EXPECT_EQ(unknown.error().hint, "did you mean release-1?");

  const auto ambiguous = find_key(known, keyring(), "twice");
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().code, ErrorCode::InvalidInput);
}

TEST(KeyDigits, AreReadAsPeopleWriteThem) {
  EXPECT_EQ(digits_of("3F7A 91C2 0B44 88E1"), "3f7a91c20b4488e1");
  EXPECT_EQ(digits_of("sha256:3F7A"), "3f7a");
  EXPECT_EQ(digits_of("3f:7a-91"), "3f7a91");
  EXPECT_EQ(digits_of("3f7g"), "");
}

}  // namespace
}  // namespace owrd::cli
