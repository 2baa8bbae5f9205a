#include "cli/keyring.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class KeyCommand : public CliTest {
 protected:
  trust::KeyFile key(const std::string& name) const {
    return *Keyring(home / "config" / "owrd" / "keys").find(name);
  }
};

TEST_F(KeyCommand, MakesAKeyAndPrintsItsId) {
  EXPECT_EQ(run_owrd({"key", "new", "acme-2026"}), 0) << err;

  EXPECT_EQ(out, "ed25519:" + to_hex(key("acme-2026").public_key.bytes()) + "\n");
  EXPECT_FALSE(key("acme-2026").is_encrypted);
  EXPECT_NE(err.find((home / "config/owrd/keys/acme-2026.key").string()), std::string::npos) << err;
}

TEST_F(KeyCommand, TakesAPassphraseFromAFile) {
  const auto file = write("passphrase", "correct horse\nnot this line\n");

  EXPECT_EQ(run_owrd({"key", "new", "acme", "--passphrase-file", file.string()}), 0) << err;

  EXPECT_TRUE(trust::open_key_file(key("acme"), "correct horse"));
  EXPECT_FALSE(trust::open_key_file(key("acme"), "wrong"));
}

TEST_F(KeyCommand, TakesAPassphraseFromTheCredentialsOfSystemd) {
  write("owrd-passphrase", "from systemd");
  variables["CREDENTIALS_DIRECTORY"] = home.string();

  EXPECT_EQ(run_owrd({"key", "new", "acme"}), 0) << err;

  EXPECT_TRUE(trust::open_key_file(key("acme"), "from systemd"));
}

TEST_F(KeyCommand, AsksForAPassphraseTwiceAndDoesNotShowIt) {
  terminal.is_there = true;
  terminal.answers = {"secret", "secret"};

  EXPECT_EQ(run_owrd({"key", "new", "acme"}), 0) << err;

  EXPECT_EQ(terminal.secrets, 2);
  EXPECT_TRUE(key("acme").is_encrypted);
}

TEST_F(KeyCommand, MakesNoKeyWhenThePassphrasesDiffer) {
  terminal.is_there = true;
  terminal.answers = {"secret", "secert"};

  EXPECT_EQ(run_owrd({"key", "new", "acme"}), 64);

  EXPECT_FALSE(std::filesystem::exists(home / "config/owrd/keys/acme.key"));
}

TEST_F(KeyCommand, RefusesANameThatIsTaken) {
  ASSERT_EQ(run_owrd({"key", "new", "acme"}), 0);

  EXPECT_EQ(run_owrd({"key", "new", "acme", "--json"}), 1);

  EXPECT_EQ(out, "");
  EXPECT_NE(last_error()["message"].get<std::string>().find("is there already"), std::string::npos);
}

TEST_F(KeyCommand, ListsKeysForPeopleAndPrograms) {
  ASSERT_EQ(run_owrd({"key", "new", "acme"}), 0);
  const auto id = key("acme").public_key.id();

  EXPECT_EQ(run_owrd({"key", "ls"}), 0);
  EXPECT_EQ(out, "acme\t" + trust::fingerprint(id) + "\tno\t" + id.to_hex() + "\n");

  EXPECT_EQ(run_owrd({"key", "ls", "--json"}), 0);
  const auto record = nlohmann::json::parse(out);
  EXPECT_EQ(record["name"], "acme");
  EXPECT_EQ(record["key_id"], id.to_hex());
  EXPECT_EQ(record["encrypted"], false);

  EXPECT_EQ(run_owrd({"key", "ls", "-q"}), 0);
  EXPECT_EQ(out, "acme\n");
}

TEST_F(KeyCommand, ExportsThePublicKeyAndOnlyOnRequestTheFile) {
  ASSERT_EQ(run_owrd({"key", "new", "acme"}), 0);

  EXPECT_EQ(run_owrd({"key", "export", "acme"}), 0);
  EXPECT_EQ(out, "ed25519:" + to_hex(key("acme").public_key.bytes()) + "\n");

  EXPECT_EQ(run_owrd({"key", "export", "acme", "--secret"}), 0);
  EXPECT_EQ(out, read(home / "config/owrd/keys/acme.key"));
  EXPECT_NE(err.find("no passphrase"), std::string::npos);
}

TEST_F(KeyCommand, SaysWhichKeyIsNotThere) {
  EXPECT_EQ(run_owrd({"key", "export", "nobody"}), 13);
  EXPECT_NE(err.find("no key \"nobody\""), std::string::npos) << err;
}

}  // namespace
}  // namespace owrd::cli
