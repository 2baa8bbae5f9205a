#include <gtest/gtest.h>

#include "daemon/trust/key.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

/// Cheap enough for a test: 64 KiB, one pass.
constexpr PassphraseCost kCheap{1, 64 * 1024};

const std::string kPublic =
    "public: 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c\n";

/// The file of the key whose seed is 32 times 0x01, as it is written for ever.
const std::string kPlain = "owrd-key-1\nname: acme-2026\n" + kPublic + "kdf: none\nsecret: " +
                           "0101010101010101010101010101010101010101010101010101010101010101\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(KeyFile, IsReadAsItIsWritten) {
  const auto key = make_key(1);
  const auto text = key.to_key_file("acme-2026", "");

  ASSERT_TRUE(text);
  EXPECT_EQ(*text, kPlain);
  const auto file = parse_key_file(*text);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->name, "acme-2026");
  EXPECT_EQ(file->public_key, key.public_key());
  EXPECT_FALSE(file->is_encrypted);
  const auto opened = open_key_file(*file, "");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->sign(as_bytes("x")), key.sign(as_bytes("x")));
}

TEST(KeyFile, HidesTheSeedUnderAPassphrase) {
  const auto key = make_key(1);
  const auto text = key.to_key_file("acme-2026", "correct horse", kCheap);

  ASSERT_TRUE(text);
  EXPECT_EQ(text->find("01010101"), text->npos);
  EXPECT_NE(text->find("\nkdf: argon2id13 1 65536 "), text->npos);
  const auto file = parse_key_file(*text);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->is_encrypted);
  EXPECT_EQ(file->public_key, key.public_key());
  const auto opened = open_key_file(*file, "correct horse");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->sign(as_bytes("x")), key.sign(as_bytes("x")));
}

TEST(KeyFile, IsSaltedAnewEachTime) {
  const auto key = make_key(1);

  EXPECT_NE(*key.to_key_file("a", "p", kCheap), *key.to_key_file("a", "p", kCheap));
}

TEST(KeyFile, AsksForThePassphraseItNeeds) {
  const auto file = *parse_key_file(*make_key(1).to_key_file("acme-2026", "right", kCheap));

  const auto without = open_key_file(file, "");
  const auto wrong = open_key_file(file, "Right");

  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::Denied);
  EXPECT_EQ(without.error().message, "key acme-2026: it is under a passphrase");
  EXPECT_EQ(without.error().hint, "give it with --passphrase-file FILE");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::Denied);
  EXPECT_EQ(wrong.error().message, "key acme-2026: wrong passphrase");
  EXPECT_EQ(wrong.error().hint, "try again with the passphrase that was given to owrd key new");
}

TEST(KeyFile, OpensWithNoOtherByte) {
  const auto text = *make_key(1).to_key_file("a", "p", kCheap);
  const auto from = text.find("secret: ") + 8;
  for (std::size_t at = from; at + 1 < text.size(); at += 7) {
    auto changed = text;
    changed[at] = changed[at] == '0' ? '1' : '0';
    const auto file = parse_key_file(changed);
    ASSERT_TRUE(file);
    const auto opened = open_key_file(*file, "p");
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, ErrorCode::Denied);
  }
}

TEST(KeyFile, NoticesASecretOfAnotherKey) {
  const auto file = parse_key_file(replaced(kPlain, "secret: 01", "secret: 02"));
  ASSERT_TRUE(file);

  const auto opened = open_key_file(*file, "");

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(opened.error().message, "key acme-2026: the secret does not belong to the public key");
}

TEST(KeyFile, RefusesEveryOtherForm) {
  const std::string salt(32, 'a');
  const std::string box(144, 'a');
  const auto with_kdf = [&](const std::string& kdf) {
    return "owrd-key-1\nname: a\n" + kPublic + "kdf: " + kdf + "\nsecret: " + box + "\n";
  };
  ASSERT_TRUE(parse_key_file(with_kdf("argon2id13 3 268435456 " + salt)));
  ASSERT_TRUE(parse_key_file(with_kdf("argon2id13 10 1073741824 " + salt)));
  struct Case {
    std::string text, cause;
  };
  const Case cases[] = {
      {"", "expected the line owrd-key-1"},
      {"owrd-key-2" + kPlain.substr(10), "expected the line owrd-key-1"},
      {"\xef\xbb\xbf" + kPlain, "expected the line owrd-key-1"},
      {replaced(kPlain, "owrd-key-1\n", "owrd-key-1\r\n"), "expected the line owrd-key-1"},
      {replaced(kPlain, "name: acme-2026", "name: acme 2026"), "expected a line with a valid name"},
      {replaced(kPlain, "name: acme-2026\n", ""), "expected a line with a valid name"},
      {replaced(kPlain, "name: acme-2026\n", "name: a\nname: a\n"), "expected the line public"},
      {replaced(kPlain, "public: 8a", "public: 8A"), "public: expected 64 lower-case hex digits"},
      {replaced(kPlain, "public: 8a", "public: "), "public: expected 64 lower-case hex digits"},
      {replaced(kPlain, "kdf: none", "note: none"), "expected the line kdf"},
      {replaced(kPlain, "kdf: none", "kdf: scrypt"), "kdf: expected none or argon2id13"},
      {replaced(kPlain, "kdf: none", "kdf: none "), "kdf: expected none or argon2id13"},
      {replaced(kPlain, "secret: 01", "secret: "), "secret: expected 64 lower-case hex digits"},
      {replaced(kPlain, "secret: 01", "secret:  01"), "secret: expected 64 lower-case hex digits"},
      {replaced(kPlain, "\nsecret: ", "\nextra: 1\nsecret: "), "expected the line secret"},
      {kPlain.substr(0, kPlain.size() - 1), "expected the line secret"},
      {kPlain + "\n", "more than its five lines"},
      {kPlain + "note: x\n", "more than its five lines"},
      {kPlain + std::string(1024, ' '), "longer than 1024 bytes"},
      {with_kdf("argon2id13 x 65536 " + salt), "kdf: expected a number of operations"},
      {with_kdf("argon2id13 01 65536 " + salt), "kdf: expected a number of operations"},
      {with_kdf("argon2id13 -1 65536 " + salt), "kdf: expected a number of operations"},
      {with_kdf("argon2id13 1"), "kdf: expected a number of operations"},
      {with_kdf("argon2id13 1  65536 " + salt), "kdf: expected a number of bytes"},
      {with_kdf("argon2id13 1 99999999999999999999 " + salt), "kdf: expected a number of bytes"},
      {with_kdf("argon2id13 1 65536 " + salt.substr(1)), "kdf: expected 32 lower-case hex digits"},
      {with_kdf("argon2id13 0 65536 " + salt), "kdf: the costs are out of bounds"},
      {with_kdf("argon2id13 11 65536 " + salt), "kdf: the costs are out of bounds"},
      {with_kdf("argon2id13 1 8191 " + salt), "kdf: the costs are out of bounds"},
      {with_kdf("argon2id13 1 1073741825 " + salt), "kdf: the costs are out of bounds"},
      {with_kdf("none"), "secret: expected 64 lower-case hex digits"},
      {replaced(kPlain, "kdf: none", "kdf: argon2id13 1 65536 " + salt),
       "secret: expected 144 lower-case hex digits"},
  };
  for (const auto& [text, cause] : cases) {
    SCOPED_TRACE(text);
    const auto file = parse_key_file(text);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(file.error().message, "key file: " + cause);
    EXPECT_NE(file.error().hint, "");
  }
}

TEST(KeyFile, IsNotWrittenWithABadNameOrBadCosts) {
  const auto key = make_key(1);

  EXPECT_EQ(key.to_key_file("a\nb", "").error().message, "key: invalid name \"a\\x0ab\"");
  EXPECT_EQ(key.to_key_file("", "").error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(key.to_key_file("a", "p", {11, 65'536}).error().message,
            "key: the costs of a guess are out of bounds");
}

}  // namespace
}  // namespace owrd::trust
