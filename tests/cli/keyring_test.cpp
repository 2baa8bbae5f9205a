#include "cli/keyring.h"

#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class KeyringTest : public CliTest {
 protected:
  static std::string key_text(const std::string& name) {
    return *trust::SecretKey::generate()->to_key_file(name, "");
  }
  static unsigned mode_of(const std::filesystem::path& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777;
  }

  Keyring keyring{home / "config" / "owrd" / "keys"};
};

TEST_F(KeyringTest, KeepsAKeyToItsOwner) {
  ASSERT_TRUE(keyring.add("acme-2026", key_text("acme-2026")));

  EXPECT_EQ(mode_of(keyring.path_of("acme-2026")), 0600U);
  EXPECT_EQ(mode_of(home / "config" / "owrd" / "keys"), 0700U);
  EXPECT_EQ(mode_of(home / "config" / "owrd"), 0700U);
}

TEST_F(KeyringTest, FindsWhatWasAdded) {
  ASSERT_TRUE(keyring.add("b", key_text("b")));
  ASSERT_TRUE(keyring.add("a", key_text("a")));

  const auto keys = keyring.list();

  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->at(0).name, "a");
  EXPECT_EQ(keys->at(1).name, "b");
}

TEST_F(KeyringTest, NeverOverwritesAKey) {
  const auto first = key_text("acme");
  ASSERT_TRUE(keyring.add("acme", first));

  const auto again = keyring.add("acme", key_text("acme"));

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(read(keyring.path_of("acme")), first);
}

TEST_F(KeyringTest, SuggestsTheNearestName) {
  ASSERT_TRUE(keyring.add("acme-2026", key_text("acme-2026")));

  const auto key = keyring.find("acme-2025");

  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::NotFound);
  EXPECT_EQ(key.error().hint, "did you mean acme-2026?");
}

TEST_F(KeyringTest, RefusesAKeyThatOthersCanRead) {
  ASSERT_TRUE(keyring.add("acme", key_text("acme")));
  ::chmod(keyring.path_of("acme").c_str(), 0640);

  const auto key = keyring.find("acme");

  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::Denied);
  EXPECT_EQ(key.error().hint, "chmod 600 " + keyring.path_of("acme").string());
}

TEST_F(KeyringTest, RefusesNamesThatAreNoFileNames) {
  for (const char* name : {"", "../x", "a/b", ".hidden", "a b", "-x"}) {
    SCOPED_TRACE(name);
    const auto added = keyring.add(name, "text");
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::InvalidInput);
  }
}

TEST_F(KeyringTest, NamesTheFileThatIsNoKey) {
  ASSERT_TRUE(keyring.add("acme", "garbage"));

  const auto key = keyring.find("acme");

  ASSERT_FALSE(key);
  EXPECT_TRUE(key.error().message.starts_with(keyring.path_of("acme").string() + ": "))
      << key.error().message;
}

TEST_F(KeyringTest, IsEmptyBeforeThereIsOne) {
  const auto keys = keyring.list();

  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->empty());
}

}  // namespace
}  // namespace owrd::cli
