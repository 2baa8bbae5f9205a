#include "cli/ceremony.h"

#include "daemon/hash/sha256.h"
#include "daemon/trust/mutable_item.h"
#include "tests/cli/publisher_test.h"

namespace owrd::cli {
namespace {

/// The commands with which a root comes to be, among several people.
class CeremonyCommands : public PublisherTest {
 protected:
  CeremonyCommands() {
    daemon->fail("Publishers/Show", {ErrorCode::NotFound, "no such publisher", ""});
    v1::OnlineKeysReply keys;
    keys.set_head_key(std::string(as_text(head.public_key().bytes())));
    keys.add_locator_keys(std::string(as_text(locator.public_key().bytes())));
    daemon->reply("Publishers/OnlineKeys", keys);
    v1::SubmitRootReply submitted;
    submitted.mutable_publisher()->set_petname("acme");
    submitted.mutable_publisher()->set_id(std::string(64, 'd'));
    daemon->reply("Publishers/SubmitRoot", submitted);
  }

  std::string file() const { return (home / "acme.root").string(); }

  /// The root that was submitted, verified as the daemon would.
  Result<trust::RootChain> submitted() const {
    const auto request = daemon->last<v1::SubmitRootRequest>("Publishers/SubmitRoot");
    const auto content = release::parse_bundle(as_bytes(request.bundle()));
    if (!content) return content.error();
    std::vector<Bytes> roots;
    for (const auto& root : content->roots()) roots.push_back(to_bytes(root));
    roots.push_back(to_bytes(content->draft()));
    return trust::RootChain::verify(roots);
  }

  int init(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"publisher", "init", "acme", "-o", file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_owrd(arguments);
  }
  int rotate(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"publisher", "rotate", "acme", "-o", file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_owrd(arguments);
  }
  static std::string public_text(const trust::SecretKey& key) {
    return public_key_text(key.public_key());
  }

  /// Takes keys out of the keyring: they are at somebody else's.
  void hide(const std::string& name) {
    std::filesystem::rename(keyring().path_of(name), home / (name + ".hidden"));
  }
  void bring_back(const std::string& name) {
    std::filesystem::rename(home / (name + ".hidden"), keyring().path_of(name));
  }

  trust::SecretKey head = other_key();
  trust::SecretKey locator = other_key();
};

TEST_F(CeremonyCommands, OneKeyIsEnoughToBecomeAPublisher) {
  const auto key = make_key("acme-2026");

  EXPECT_EQ(init({"--key", "acme-2026", "--display-name", "Acme Labs"}), 0) << err;

  EXPECT_EQ(out, std::string(64, 'd') + "\n");
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_EQ(daemon->last<v1::SubmitRootRequest>("Publishers/SubmitRoot").petname(), "acme");
  const auto roots = submitted();
  ASSERT_TRUE(roots) << roots.error().message;
  const auto& root = roots->newest();
  EXPECT_EQ(root.message().display_name(), "Acme Labs");
  EXPECT_EQ(root.expires() - root.issued(), 365 * 86400);
  EXPECT_EQ(root.root_role().keys, std::set<trust::PublicKey>{key.public_key()});
  EXPECT_EQ(root.release_role().keys, std::set<trust::PublicKey>{key.public_key()});
  EXPECT_EQ(root.head_key(), head.public_key());
  EXPECT_EQ(root.locators(), std::vector<trust::PublicKey>{locator.public_key()});
}

TEST_F(CeremonyCommands, ARootWithoutAFeedNamesNoOnlineKeys) {
  make_key("k");

  EXPECT_EQ(init({"--key", "k", "--no-feed"}), 0) << err;

  EXPECT_FALSE(was_called("Publishers/OnlineKeys"));
  EXPECT_FALSE(submitted()->newest().head_key());
}

TEST_F(CeremonyCommands, AReleaseKeyBelongsToTheScopeBeforeIt) {
  make_key("k");
  const auto all = other_key();
  const auto atlas = other_key();
  const auto nord = other_key();

  EXPECT_EQ(init({"--key", "k", "--release-key", "all=" + public_text(all), "--scope",
                  "atlas-*,atlas", "--release-key", "a=" + public_text(atlas), "--scope", "nord",
                  "--release-key", public_text(nord), "--release-threshold", "1"}),
            0)
      << err;

  const auto root = submitted()->newest();
  EXPECT_TRUE(root.release_role().keys.contains(all.public_key()));
  ASSERT_EQ(root.scopes().size(), 2U);
  EXPECT_EQ(root.scopes()[0].models, (std::vector<std::string>{"atlas-*", "atlas"}));
  EXPECT_EQ(root.scopes()[0].role.keys, std::set<trust::PublicKey>{atlas.public_key()});
  EXPECT_EQ(root.scopes()[1].role.keys, std::set<trust::PublicKey>{nord.public_key()});
}

TEST_F(CeremonyCommands, TheFileTravelsUntilEnoughHaveSigned) {
  make_key("k1");
  const auto k2 = make_key("k2");
  const auto k3 = make_key("k3");
  const auto r1 = other_key();
  hide("k2");
  hide("k3");

  EXPECT_EQ(init({"--root-key", "k1", "--root-key", "k2=" + public_text(k2), "--root-key",
                  "k3=" + public_text(k3), "--root-threshold", "2", "--release-key",
                  "r1=" + public_text(r1)}),
            0)
      << err;
  EXPECT_EQ(out, file() + "\n");
  EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
  EXPECT_TRUE(says("still to sign: 1 more of the root keys of version 1: k2 (")) << err;
  EXPECT_TRUE(says("owrd publisher sign " + file() + " --key NAME")) << err;

  EXPECT_EQ(run_owrd({"publisher", "submit", file()}), 11);
  EXPECT_TRUE(says("is not signed by enough keys: it needs 1 more")) << err;

  daemon.reset();  // Signing is done where no daemon is.
  bring_back("k2");
  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "k2", "-y"}), 0) << err;
  EXPECT_EQ(out, file() + "\n");
  EXPECT_TRUE(says("owrd publisher submit " + file())) << err;

  start_daemon();
  daemon->reply("Publishers/SubmitRoot", v1::SubmitRootReply());
  EXPECT_EQ(run_owrd({"publisher", "submit", file(), "--as", "acme"}), 0) << err;
  EXPECT_EQ(daemon->last<v1::SubmitRootRequest>("Publishers/SubmitRoot").petname(), "acme");
  const auto roots = submitted();
  ASSERT_TRUE(roots) << roots.error().message;
  EXPECT_EQ(roots->newest().signers().size(), 2U);
}

TEST_F(CeremonyCommands, NobodySignsWithoutHavingSeenTheRootAndSaidYes) {
  const auto k1 = make_key("k1");
  hide("k1");
  EXPECT_EQ(init({"--root-key", public_text(k1), "--release-key", public_text(k1)}), 0) << err;
  bring_back("k1");
  const auto before = read(file());

  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "k1"}), 64);
  EXPECT_TRUE(says("--yes")) << err;
  terminal.is_there = true;
  terminal.answers = {"n"};
  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "k1"}), 1);
  EXPECT_EQ(read(file()), before);

  terminal.answers = {"y"};
  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "k1"}), 0) << err;
  EXPECT_NE(read(file()), before);
  EXPECT_LT(err.find("root version 1 of acme"), err.find("Sign root version 1 of acme?"));
}

TEST_F(CeremonyCommands, OnlyRootKeysSignAndEachOnce) {
  const auto k1 = make_key("k1");
  make_key("stranger");
  EXPECT_EQ(init({"--root-key", "k1", "--root-key", public_text(other_key()), "--root-threshold",
                  "2", "--release-key", "k1"}),
            0)
      << err;

  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "k1", "-y"}), 1);
  EXPECT_TRUE(says("the key \"k1\" has signed it already")) << err;
  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "stranger", "-y"}), 10);
  EXPECT_TRUE(says("the key \"stranger\" may not sign it")) << err;
  EXPECT_EQ(run_owrd({"publisher", "sign", file(), "--key", "absent", "-y"}), 13);
}

TEST_F(CeremonyCommands, ADraftIsNeverWrittenOverAFile) {
  const auto theirs = other_key();
  write("acme.root", "something else");

  EXPECT_EQ(init({"--root-key", public_text(theirs), "--release-key", public_text(theirs)}), 1);

  EXPECT_EQ(read(file()), "something else");
  EXPECT_TRUE(says("is there already")) << err;
}

TEST_F(CeremonyCommands, ADraftIsARecordInJson) {
  const auto theirs = other_key();

  EXPECT_EQ(init({"--json", "--root-key", "kim=" + public_text(theirs), "--release-key",
                  public_text(theirs)}),
            0)
      << err;

  const auto record = nlohmann::json::parse(out);
  EXPECT_EQ(record["type"], "draft");
  EXPECT_EQ(record["path"], file());
  EXPECT_EQ(record["root_version"], 1);
  EXPECT_EQ(record["complete"], false);
  EXPECT_EQ(record["needs"][0]["threshold"], 1);
  EXPECT_EQ(record["needs"][0]["signed_by"].size(), 0U);
  EXPECT_EQ(record["needs"][0]["could_sign"].size(), 1U);
}

TEST_F(CeremonyCommands, InitSaysWhatIsMissing) {
  make_key("k1");
  make_key("k2");
  const struct {
    std::vector<std::string> flags;
    std::string message;
  } cases[] = {{{}, "no key that signs roots"},
               {{"--root-key", "k1"}, "no key that signs releases of all models"},
               {{"--root-key", "k1", "--scope", "atlas", "--release-key", "k2"},
                "no key that signs releases of all models"},
               {{"--root-key", "k1", "--root-key", "k2", "--release-key", "k1"},
                "how many of them must sign a root?"},
               {{"--key", "k1", "--root-key", "k2"}, "--key excludes --root-key"},
               {{"--key", "k1", "--location", "http://acme.example"}, "is not an https:// URL"},
               {{"--key", "k1", "--display-name", "two\nlines"}, "not one line of plain text"}};
  for (const auto& [flags, message] : cases) {
    SCOPED_TRACE(message);
    EXPECT_EQ(init(flags), 64);
    EXPECT_TRUE(says(message)) << err;
    EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
  }
}

TEST_F(CeremonyCommands, DoNotMakeAPublisherTwice) {
  make_key("k");
  const auto key = other_key();
  add_root(plan_of_one(named(key, "k")), {&key});

  EXPECT_EQ(init({"--key", "k"}), 1);
  EXPECT_TRUE(says("a publisher \"acme\" is pinned already")) << err;

  daemon->fail("Publishers/Show", {ErrorCode::Unavailable, "stopping", ""});
  EXPECT_EQ(init({"--key", "k"}), 69);
  EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
}

// ---- rotation

TEST_F(CeremonyCommands, RotateOnlyRenewsWithoutChanges) {
  const auto key = make_key("k1");
  add_root(plan_of_one(named(key, "k1")), {&key});

  EXPECT_EQ(rotate({"-y", "--expires", "30"}), 0) << err;

  const auto roots = submitted();
  ASSERT_TRUE(roots) << roots.error().message;
  EXPECT_EQ(roots->newest().version(), 2U);
  EXPECT_EQ(roots->newest().expires() - roots->newest().issued(), 30 * 86400);
  EXPECT_EQ(roots->newest().root_role().keys, roots->first().root_role().keys);
}

TEST_F(CeremonyCommands, RotateSignsWithTheKeysOfBothRoots) {
  const auto old_key = make_key("k1");
  const auto new_key = make_key("k2");
  add_root(plan_of_one(named(old_key, "k1")), {&old_key});

  EXPECT_EQ(rotate({"-y", "--add-root-key", "k2", "--remove-root-key", "k1", "--add-release-key",
                    "k2", "--remove-release-key", "k1"}),
            0)
      << err;

  const auto roots = submitted();
  ASSERT_TRUE(roots) << roots.error().message;
  EXPECT_EQ(roots->newest().root_role().keys, std::set<trust::PublicKey>{new_key.public_key()});
  EXPECT_TRUE(says("  - root key          k1 (")) << err;
  EXPECT_TRUE(says("  + root key          k2 (")) << err;
}

TEST_F(CeremonyCommands, RotateKeepsADraftForThoseWhoseKeysAreElsewhere) {
  const auto old_key = make_key("k1");
  const auto theirs = other_key();
  add_root(plan_of_one(named(old_key, "k1")), {&old_key});

  EXPECT_EQ(rotate({"-y", "--add-root-key", "kim=" + public_text(theirs), "--root-threshold", "2"}),
            0)
      << err;

  EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
  EXPECT_EQ(out, file() + "\n");
  EXPECT_TRUE(says("1 more of the root keys of version 2: kim (")) << err;
  EXPECT_FALSE(says("of the root keys of version 1")) << err;
  const auto ceremony = Ceremony::read(file());
  ASSERT_TRUE(ceremony) << ceremony.error().message;
  EXPECT_EQ(ceremony->publisher_id().to_hex(), id());
  EXPECT_TRUE(ceremony->could_sign(theirs.public_key()));
}

TEST_F(CeremonyCommands, RotateRevokesFromTheNextRecordOfTheFeedOn) {
  const auto key = make_key("k1");
  const auto stolen = other_key();
  auto plan = plan_of_one(named(key, "k1"));
  plan.release.keys.push_back(named(stolen, "r1"));
  add_root(plan, {&key});
  shown.mutable_publisher()->set_feed_records(17);
  show();

  EXPECT_EQ(rotate({"-y", "--revoke-key", "r1"}), 0) << err;
  EXPECT_EQ(submitted()->newest().revoked().at(stolen.public_key().id()), 17U);
  EXPECT_FALSE(submitted()->newest().release_role().keys.contains(stolen.public_key()));

  EXPECT_EQ(rotate({"-y", "--revoke-key", "r1", "--since", "3"}), 0) << err;
  EXPECT_EQ(submitted()->newest().revoked().at(stolen.public_key().id()), 3U);

  EXPECT_EQ(rotate({"-y", "--since", "3"}), 64);
  EXPECT_TRUE(says("no --revoke-key stands before it")) << err;
}

TEST_F(CeremonyCommands, RotateTakesNewOnlineKeysOnlyWhenToldTo) {
  const auto key = make_key("k1");
  auto plan = plan_of_one(named(key, "k1"));
  plan.head = other_key().public_key();
  plan.locators = {other_key().public_key()};
  add_root(plan, {&key});

  EXPECT_EQ(rotate({"-y"}), 0) << err;
  EXPECT_EQ(submitted()->newest().head_key(), plan.head);

  EXPECT_EQ(rotate({"-y", "--new-online-keys"}), 0) << err;
  EXPECT_EQ(submitted()->newest().head_key(), head.public_key());
  EXPECT_EQ(submitted()->newest().locators(), std::vector<trust::PublicKey>{locator.public_key()});
}

TEST_F(CeremonyCommands, RotateAsksBeforeItSigns) {
  const auto key = make_key("k1");
  add_root(plan_of_one(named(key, "k1")), {&key});

  EXPECT_EQ(rotate({}), 64);
  terminal.is_there = true;
  terminal.answers = {"n"};
  EXPECT_EQ(rotate({}), 1);

  EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(CeremonyCommands, BuildOnNoRootsThatDoNotHold) {
  const auto key = make_key("k1");
  add_root(plan_of_one(named(key, "k1")), {&key});
  shown.mutable_publisher()->set_id(std::string(64, '0'));
  daemon->reply("Publishers/Show", shown);

  EXPECT_EQ(rotate({"-y"}), 11);

  EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
}

TEST_F(CeremonyCommands, OpenEncryptedKeysAllWithOnePassphrase) {
  const auto passphrase = write("passphrase", "right\n");
  for (const char* name : {"k1", "k2"})
    ASSERT_EQ(run_owrd({"key", "new", name, "--passphrase-file", passphrase.string()}), 0) << err;

  EXPECT_EQ(init({"--root-key", "k1", "--root-key", "k2", "--root-threshold", "2", "--release-key",
                  "k1"}),
            64);
  EXPECT_TRUE(says("--passphrase-file FILE")) << err;
  EXPECT_EQ(init({"--root-key", "k1", "--root-key", "k2", "--root-threshold", "2", "--release-key",
                  "k1", "--passphrase-file", passphrase.string()}),
            0)
      << err;
  EXPECT_EQ(submitted()->newest().signers().size(), 2U);
}

// ---- files

TEST_F(CeremonyCommands, RefuseFilesThatAreNoCeremony) {
  const auto key = make_key("k1");
  add_root(plan_of_one(named(key, "k1")), {&key});
  const auto roots = write("acme.owrp", std::string(as_text(release::encode_bundle(bundle()))));
  auto forged = bundle();
  forged.set_draft(forged.roots(0));
  const auto repeated =
      write("repeated.root", std::string(as_text(release::encode_bundle(forged))));

  EXPECT_EQ(run_owrd({"publisher", "sign", roots.string(), "--key", "k1", "-y"}), 64);
  EXPECT_TRUE(says("holds no draft of a root")) << err;
  EXPECT_EQ(run_owrd({"publisher", "sign", write("x", "x").string(), "--key", "k1", "-y"}), 64);
  EXPECT_EQ(run_owrd({"publisher", "sign", (home / "absent").string(), "--key", "k1"}), 13);
  EXPECT_NE(run_owrd({"publisher", "submit", repeated.string()}), 0);
  EXPECT_FALSE(was_called("Publishers/SubmitRoot"));
}

TEST_F(CeremonyCommands, ADraftIsNotPinned) {
  const auto theirs = other_key();
  EXPECT_EQ(init({"--root-key", public_text(theirs), "--release-key", public_text(theirs)}), 0);

  EXPECT_EQ(run_owrd({"publisher", "add", file(), "-y"}), 64);

  EXPECT_TRUE(says("holds a draft of a publisher's root, which is not valid yet")) << err;
}

// ---- anchors

class Anchors : public CeremonyCommands {
 protected:
  /// What the daemon was given, as a follower would read it in the DHT.
  Result<trust::AnchorTarget> target() const {
    const auto request = daemon->last<v1::SubmitAnchorsRequest>("Publishers/SubmitAnchors");
    const auto& anchor = request.anchors(0);
    const auto key = trust::PublicKey::from_bytes(as_bytes(anchor.key()));
    return trust::read_anchor_item({*key, std::string(trust::kAnchorSalt),
                                    static_cast<std::int64_t>(chain->newest().version()),
                                    to_bytes(anchor.value()), to_bytes(anchor.signature())});
  }
  void publish_with_anchor(const trust::SecretKey& key, const trust::SecretKey& anchor) {
    auto plan = plan_of_one(named(key, "k1"));
    plan.anchors = {named(anchor, "a1")};
    add_root(plan, {&key});
    v1::SubmitAnchorsReply reply;
    *reply.mutable_publisher() = shown.publisher();
    daemon->reply("Publishers/SubmitAnchors", reply);
  }
};

TEST_F(Anchors, PointToTheFileOfTheRoots) {
  const auto key = make_key("k1");
  const auto anchor = make_key("a1");
  publish_with_anchor(key, anchor);

  EXPECT_EQ(run_owrd({"publisher", "anchor", "acme"}), 0) << err;

  EXPECT_EQ(out, id() + "\n");
  const auto pointed = target();
  ASSERT_TRUE(pointed) << pointed.error().message;
  const auto roots = release::encode_bundle(bundle());
  EXPECT_EQ(pointed->root_version, 1U);
  EXPECT_EQ(pointed->roots.length, roots.size());
  EXPECT_EQ(pointed->roots.sha256, hash::sha256(roots));
}

TEST_F(Anchors, AreSignedAfterARotationByWhoeverHasTheirKeys) {
  const auto key = make_key("k1");
  const auto anchor = make_key("a1");
  publish_with_anchor(key, anchor);

  EXPECT_EQ(rotate({"-y"}), 0) << err;
  EXPECT_TRUE(was_called("Publishers/SubmitAnchors"));

  hide("a1");
  EXPECT_EQ(rotate({"-y"}), 0) << err;
  EXPECT_TRUE(says("where its anchor keys are:  owrd publisher anchor acme")) << err;
}

TEST_F(Anchors, ThatCannotBePlacedDoNotHideThatTheRootCounts) {
  const auto key = make_key("k1");
  const auto anchor = make_key("a1");
  publish_with_anchor(key, anchor);
  daemon->fail("Publishers/SubmitAnchors", {ErrorCode::Unavailable, "no DHT", ""});

  EXPECT_EQ(rotate({"-y"}), 69);

  EXPECT_EQ(out, std::string(64, 'd') + "\n");
  EXPECT_TRUE(says("owrd publisher anchor acme")) << err;
}

TEST_F(Anchors, NeedTheirKeys) {
  const auto key = make_key("k1");
  publish_with_anchor(key, other_key());

  EXPECT_EQ(run_owrd({"publisher", "anchor", "acme"}), 13);

  EXPECT_TRUE(says("no key in your keyring is an anchor of acme")) << err;
}

}  // namespace
}  // namespace owrd::cli
