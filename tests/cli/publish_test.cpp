#include <functional>
#include <map>

#include "cli/keyring.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/bundle.h"
#include "daemon/release/manifest.h"
#include "daemon/release/path_rules.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

v1::Manifest sample_manifest(const Digest& publisher) {
  v1::Manifest manifest;
  manifest.set_publisher_id(publisher.to_field());
  manifest.set_model("atlas");
  manifest.set_version("1.0.0");
  manifest.set_created(1'790'000'000);
  manifest.set_dir("atlas-1.0.0");
  manifest.set_piece_length(1 << 20);
  manifest.mutable_license()->set_spdx_expression("Apache-2.0");
  const auto add = [&manifest](const std::string& path, std::uint64_t length, v1::FileRole role) {
    auto& file = *manifest.add_files();
    file.set_path(path);
    file.set_length(length);
    file.set_sha256(hash::sha256(as_bytes(length > 0 ? path : "")).to_field());
    if (length > 0) file.set_pieces_root(hash::sha256(as_bytes(path + "root")).to_field());
    file.set_role(role);
  };
  add(std::string(release::kLayersName), 0, v1::FILE_ROLE_LAYERS);
  add("model.safetensors", 1000, v1::FILE_ROLE_WEIGHTS);
  return manifest;
}

class PublishCommand : public CliTest {
 protected:
  PublishCommand() {
    start_daemon();
    EXPECT_EQ(run_owrd({"key", "new", "acme-2026"}), 0) << err;
    const auto key = *keyring.find("acme-2026");
    publisher.mutable_publisher()->set_id(kPublisher.to_hex());
    publisher.mutable_publisher()->set_petname("acme");
    publisher.mutable_publisher()->set_release_threshold(1);
    add_release_key(key);
    daemon->reply("Publishers/Show", publisher);
    prepare(sample_manifest(kPublisher));
    v1::CommitEvent committed;
    auto& release = *committed.mutable_committed()->mutable_release();
    release.set_ref("acme/atlas:1.0.0");
    release.set_release_id(std::string(64, 'b'));
    release.set_infohash(std::string(64, 'c'));
    release.set_directory("/srv/atlas");
    release.set_state(v1::RELEASE_STATE_SEEDING);
    release.set_files(3);
    release.set_bytes_total(1700);
    committed.mutable_committed()->set_magnet("magnet:?xt=urn:btmh:1220cc");
    committed.mutable_committed()->set_stays_seeding(true);
    daemon->stream("Publishing/Commit", {committed.SerializeAsString()});
  }

  void add_release_key(const trust::KeyFile& key) {
    auto& record = *publisher.mutable_publisher()->add_keys();
    record.set_key_id(key.public_key.id().to_hex());
    record.set_signs_releases(true);
  }

  void prepare(const v1::Manifest& message, const std::string& envelope = "") {
    const auto manifest = release::make_manifest(message);
    ASSERT_TRUE(manifest) << manifest.error().message;
    v1::PrepareEvent event;
    auto& prepared = *event.mutable_prepared();
    prepared.set_manifest(std::string(as_text(manifest->payload())));
    prepared.set_files(2);
    prepared.set_bytes(1000);
    prepared.set_piece_length(1 << 20);
    prepared.set_envelope(envelope);
    prepared.add_left_out()->set_path(".git");
    prepared.mutable_left_out(0)->set_reason("version control");
    prepared.add_warnings("no README.md");
    daemon->stream("Publishing/Prepare", {event.SerializeAsString()});
  }

  int publish(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"publish",   (home / "atlas").string(),
                                          "--as",      "acme/atlas:1.0.0",
                                          "--license", "Apache-2.0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_owrd(arguments);
  }

  bool was_called(const std::string& method) const {
    for (const auto& call : daemon->calls())
      if (call.method == method) return true;
    return false;
  }

  const Digest kPublisher = hash::sha256(as_bytes("publisher"));
  Keyring keyring{home / "config" / "owrd" / "keys"};
  v1::ShowPublisherReply publisher;
};

TEST_F(PublishCommand, SignsExactlyWhatWasPreparedAndPrintsTheMagnet) {
  EXPECT_EQ(publish({"-y"}), 0) << err;

  EXPECT_EQ(out, "magnet:?xt=urn:btmh:1220cc\n");
  const auto commit = daemon->last<v1::CommitRequest>("Publishing/Commit");
  const auto envelope =
      trust::parse_envelope(as_bytes(commit.envelope()), trust::PayloadKind::Manifest);
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->payload, release::make_manifest(sample_manifest(kPublisher))->payload());
  const auto key = keyring.find("acme-2026")->public_key;
  EXPECT_EQ(trust::valid_signers(*envelope, {key}), std::set<trust::PublicKey>{key});
}

TEST_F(PublishCommand, ReviewsOnStandardError) {
  EXPECT_EQ(publish({"-y"}), 0) << err;

  for (const char* part : {"acme/atlas:1.0.0   from ", "2 files, 1.0 kB",
                           "licence       Apache-2.0", "key           acme-2026 (",
                           "left out      .git (version control)", "warning: no README.md"})
    EXPECT_NE(err.find(part), std::string::npos) << part << " in\n" << err;
}

TEST_F(PublishCommand, WritesNothingInADryRun) {
  EXPECT_EQ(publish({"-n"}), 0) << err;

  EXPECT_EQ(out, "");
  EXPECT_FALSE(was_called("Publishing/Commit"));
  EXPECT_NE(err.find("dry run, nothing written"), std::string::npos);
}

TEST_F(PublishCommand, GivesARecordInJson) {
  EXPECT_EQ(publish({"-y", "--json"}), 0) << err;

  const auto record = nlohmann::json::parse(out);
  EXPECT_EQ(record["ref"], "acme/atlas:1.0.0");
  EXPECT_EQ(record["release_id"], std::string(64, 'b'));
  EXPECT_EQ(record["btmh"], "1220" + std::string(64, 'c'));
  EXPECT_EQ(record["magnet"], "magnet:?xt=urn:btmh:1220cc");
  EXPECT_EQ(record["files"], 3);
  EXPECT_EQ(record["bytes"], 1700);
}

TEST_F(PublishCommand, NamesTheFlagWhenNobodyCanBeAsked) {
  EXPECT_EQ(publish({}), 64);

  EXPECT_NE(err.find("--yes"), std::string::npos) << err;
  EXPECT_FALSE(was_called("Publishing/Commit"));
}

TEST_F(PublishCommand, DoesAsThePersonSays) {
  terminal.is_there = true;
  terminal.answers = {"n"};
  EXPECT_EQ(publish({}), 1);
  EXPECT_FALSE(was_called("Publishing/Commit"));

  terminal.answers = {"y"};
  EXPECT_EQ(publish({}), 0) << err;
  EXPECT_TRUE(was_called("Publishing/Commit"));
}

TEST_F(PublishCommand, SaysBeforeHashingThatNoKeyFits) {
  publisher.mutable_publisher()->clear_keys();
  daemon->reply("Publishers/Show", publisher);

  EXPECT_EQ(publish({"-y"}), 13);

  EXPECT_FALSE(was_called("Publishing/Prepare"));
  EXPECT_NE(err.find("no key in your keyring may sign releases of acme"), std::string::npos) << err;
}

TEST_F(PublishCommand, SaysBeforeHashingThatThePassphraseIsWrong) {
  const auto right = write("right", "right\n");
  const auto wrong = write("wrong", "wrong\n");
  ASSERT_EQ(run_owrd({"key", "new", "locked", "--passphrase-file", right.string()}), 0);
  add_release_key(*keyring.find("locked"));
  daemon->reply("Publishers/Show", publisher);

  EXPECT_EQ(publish({"-y", "--key", "locked", "--passphrase-file", wrong.string()}), 77) << err;
  EXPECT_NE(err.find("hint: the passphrase of locked must be the first line of " + wrong.string()),
            std::string::npos)
      << err;
  EXPECT_EQ(publish({"-y", "--key", "locked"}), 64) << err;
  EXPECT_FALSE(was_called("Publishing/Prepare"));

  EXPECT_EQ(publish({"-y", "--key", "locked", "--passphrase-file", right.string()}), 0) << err;
}

TEST_F(PublishCommand, AsksWhichOfSeveralKeysToUse) {
  ASSERT_EQ(run_owrd({"key", "new", "second"}), 0);
  add_release_key(*keyring.find("second"));
  daemon->reply("Publishers/Show", publisher);

  EXPECT_EQ(publish({"-y"}), 64);

  EXPECT_NE(err.find("--key acme-2026"), std::string::npos) << err;
}

TEST_F(PublishCommand, SignsWithAsManyKeysAsTheRootWants) {
  ASSERT_EQ(run_owrd({"key", "new", "second"}), 0);
  add_release_key(*keyring.find("second"));
  publisher.mutable_publisher()->set_release_threshold(2);
  daemon->reply("Publishers/Show", publisher);

  EXPECT_EQ(publish({"-y"}), 0) << err;

  const auto commit = daemon->last<v1::CommitRequest>("Publishing/Commit");
  const auto envelope =
      trust::parse_envelope(as_bytes(commit.envelope()), trust::PayloadKind::Manifest);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->signatures.size(), 2U);
}

TEST_F(PublishCommand, SignsNothingOtherThanWhatWasAskedFor) {
  const std::map<std::string, std::function<void(v1::Manifest&)>> lies = {
      {"publisher", [](auto& it) { it.set_publisher_id(hash::sha256({}).to_field()); }},
      {"model", [](auto& it) { it.set_model("other"); }},
      {"version", [](auto& it) { it.set_version("6.6.6"); }},
      {"licence", [](auto& it) { it.mutable_license()->set_spdx_expression("MIT"); }},
      {"another tracker", [](auto& it) { it.set_trackers(0, "udp://evil.example:1/x"); }},
      {"one tracker more", [](auto& it) { it.add_trackers("udp://evil.example:1/x"); }},
      {"no tracker", [](auto& it) { it.clear_trackers(); }},
      {"a public swarm", [](auto& it) { it.set_private_swarm(false); }}};
  const std::vector<std::string> asked = {"-y", "--private", "--tracker", "udp://ours.example:1/x"};
  auto honest = sample_manifest(kPublisher);
  honest.add_trackers("udp://ours.example:1/x");
  honest.set_private_swarm(true);

  for (const auto& [what, lie] : lies) {
    SCOPED_TRACE(what);
    auto other = honest;
    lie(other);
    prepare(other);

    EXPECT_EQ(publish(asked), 1);

    EXPECT_FALSE(was_called("Publishing/Commit"));
    EXPECT_NE(err.find("nothing was signed"), std::string::npos) << err;
  }
  prepare(honest);
  EXPECT_EQ(publish(asked), 0) << err;
}

TEST_F(PublishCommand, SignsNoPrivateSwarmThatWasNotAskedFor) {
  auto other = sample_manifest(kPublisher);
  other.set_private_swarm(true);
  prepare(other);

  EXPECT_EQ(publish({"-y"}), 1);

  EXPECT_FALSE(was_called("Publishing/Commit"));
}

TEST_F(PublishCommand, SignsNothingAgainThatIsPublishedAlready) {
  prepare(sample_manifest(kPublisher), "the envelope of before");

  EXPECT_EQ(publish({}), 0) << err;

  EXPECT_EQ(daemon->last<v1::CommitRequest>("Publishing/Commit").envelope(),
            "the envelope of before");
}

TEST_F(PublishCommand, RefusesARefThatNamesNoVersion) {
  for (const char* ref : {"acme/atlas", "atlas", "@sha256:00"}) {
    EXPECT_EQ(run_owrd({"publish", ".", "--as", ref, "-y"}), 64);
    EXPECT_FALSE(was_called("Publishing/Prepare"));
  }
}

TEST_F(PublishCommand, RefusesALicenceThatIsNone) {
  EXPECT_EQ(
      run_owrd({"publish", ".", "--as", "acme/atlas:1.0.0", "--license", "Apachee-2.0", "-y"}), 64);
  EXPECT_FALSE(was_called("Publishing/Prepare"));
}

// ---- publishers

class PublisherCommand : public PublishCommand {
 protected:
  PublisherCommand() {
    v1::AddPublisherReply reply;
    auto& record = *reply.mutable_publisher();
    record.set_id(kPublisher.to_hex());
    record.set_petname("acme");
    record.set_display_name("Acme Labs");
    daemon->reply("Publishers/Add", reply);
    v1::Bundle content;
    content.add_roots("root");
    bundle = write("acme.owrp", std::string(as_text(release::encode_bundle(content))));
  }

  int adds() const {
    int count = 0;
    for (const auto& call : daemon->calls()) {
      v1::AddPublisherRequest request;
      if (call.method == "Publishers/Add" && request.ParseFromString(call.message) &&
          !request.dry_run())
        ++count;
    }
    return count;
  }

  std::filesystem::path bundle;
};

TEST_F(PublisherCommand, MakesARootThatHoldsAndPrintsThePublishersId) {
  daemon->fail("Publishers/Show", {ErrorCode::NotFound, "none", ""});

  EXPECT_EQ(
      run_owrd({"publisher", "init", "acme", "--key", "acme-2026", "--display-name", "Acme Labs"}),
      0)
      << err;

  EXPECT_EQ(out, kPublisher.to_hex() + "\n");
  const auto request = daemon->last<v1::AddPublisherRequest>("Publishers/Add");
  EXPECT_EQ(request.petname(), "acme");
  const auto sent = release::parse_bundle(as_bytes(request.bundle()));
  ASSERT_TRUE(sent);
  const auto root = trust::Root::verify_first(as_bytes(sent->roots(0)));
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->message().display_name(), "Acme Labs");
  EXPECT_EQ(root->expires() - root->message().issued(), 365 * 86400);
  EXPECT_EQ(root->release_role().keys.count(keyring.find("acme-2026")->public_key), 1U);
}

TEST_F(PublisherCommand, DoesNotBecomeAPublisherTwice) {
  EXPECT_EQ(run_owrd({"publisher", "init", "acme", "--key", "acme-2026"}), 1);
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, ShowsTheFingerprintBeforeItAsks) {
  terminal.is_there = true;
  terminal.answers = {"y"};

  EXPECT_EQ(run_owrd({"publisher", "add", bundle.string()}), 0) << err;

  EXPECT_LT(err.find(trust::fingerprint(kPublisher)), err.find("Trust it?"));
  EXPECT_EQ(out, "acme\t" + kPublisher.to_hex() + "\n");
  EXPECT_EQ(adds(), 1);
}

TEST_F(PublisherCommand, PinsNothingWithoutAYes) {
  terminal.is_there = true;
  for (const auto& answers : {std::deque<std::string>{"n"}, {""}, {}}) {
    terminal.answers = answers;
    EXPECT_EQ(run_owrd({"publisher", "add", bundle.string()}), 1);
  }
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, NamesTheFlagsWhenNobodyCanBeAsked) {
  EXPECT_EQ(run_owrd({"publisher", "add", bundle.string()}), 64);

  EXPECT_NE(err.find("--fingerprint ID"), std::string::npos) << err;
  EXPECT_NE(err.find("--yes"), std::string::npos) << err;
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, GoesByTheFingerprintThatWasGiven) {
  struct Case {
    std::string fingerprint;
    int exit_code;
  };
  const auto id = kPublisher.to_hex();
  auto other = id;
  other.back() = other.back() == '0' ? '1' : '0';
  const Case cases[] = {{id, 0},
                        {"sha256:" + id, 0},
                        {trust::fingerprint(kPublisher), 0},
                        {id.substr(0, 16), 0},
                        {other, 11},
                        {"0000 0000 0000 0000", 11},
                        {id.substr(0, 8), 64},
                        {"nonsense", 64}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.fingerprint);
    const int before = adds();
    EXPECT_EQ(run_owrd({"publisher", "add", bundle.string(), "--fingerprint", one.fingerprint}),
              one.exit_code)
        << err;
    EXPECT_EQ(adds() - before, one.exit_code == 0 ? 1 : 0);
  }
}

TEST_F(PublisherCommand, ChecksTheFingerprintEvenWhenToldYes) {
  EXPECT_EQ(
      run_owrd({"publisher", "add", bundle.string(), "-y", "--fingerprint", "0000000000000000"}),
      11);
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, ExportsWhatOthersPin) {
  publisher.set_bundle("the bytes");
  daemon->reply("Publishers/Show", publisher);
  const auto path = home / "out.owrp";

  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "-o", path.string()}), 0) << err;
  EXPECT_EQ(read(path), "the bytes");
  EXPECT_EQ(out, path.string() + "\n");

  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "-o", "-"}), 0);
  EXPECT_EQ(out, "the bytes");
}

TEST_F(PublisherCommand, RemovesOnlyWhenToldTo) {
  daemon->reply("Publishers/Remove", v1::RemovePublisherReply());

  EXPECT_EQ(run_owrd({"publisher", "rm", "acme"}), 64);
  EXPECT_FALSE(was_called("Publishers/Remove"));
  EXPECT_EQ(run_owrd({"publisher", "rm", "acme", "-y"}), 0) << err;
  EXPECT_TRUE(was_called("Publishers/Remove"));
}

}  // namespace
}  // namespace owrd::cli
