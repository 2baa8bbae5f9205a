#include <functional>
#include <map>

#include "daemon/hash/sha256.h"
#include "daemon/release/manifest.h"
#include "daemon/release/path_rules.h"
#include "tests/cli/publisher_test.h"

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

class PublishCommand : public PublisherTest {
 protected:
  PublishCommand() {
    const auto key = make_key("acme-2026");
    plan = plan_of_one(named(root_key, "root"));
    plan.release.keys = {named(key, "acme-2026")};
    add_root(plan, {&root_key});
    prepare(sample_manifest(chain->publisher_id()));
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

  /// Publishes a root with one more release key.
  void add_release_key(const trust::PublicKey& key, std::uint32_t threshold = 1) {
    plan.release.keys.push_back({key, "another"});
    plan.release.threshold = threshold;
    plan.issued += 1;
    add_root(plan, {&root_key});
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

  trust::SecretKey root_key = other_key();
  trust::RootPlan plan;
};

TEST_F(PublishCommand, SignsExactlyWhatWasPreparedAndPrintsTheMagnet) {
  EXPECT_EQ(publish({"-y"}), 0) << err;

  EXPECT_EQ(out, "magnet:?xt=urn:btmh:1220cc\n");
  const auto commit = daemon->last<v1::CommitRequest>("Publishing/Commit");
  const auto envelope =
      trust::parse_envelope(as_bytes(commit.envelope()), trust::PayloadKind::Manifest);
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->payload,
            release::make_manifest(sample_manifest(chain->publisher_id()))->payload());
  const auto key = keyring().find("acme-2026")->public_key;
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
  std::filesystem::remove(keyring().path_of("acme-2026"));

  EXPECT_EQ(publish({"-y"}), 13);

  EXPECT_FALSE(was_called("Publishing/Prepare"));
  EXPECT_NE(err.find("no key in your keyring may sign releases of acme"), std::string::npos) << err;
}

TEST_F(PublishCommand, SaysBeforeHashingThatThePassphraseIsWrong) {
  const auto right = write("right", "right\n");
  const auto wrong = write("wrong", "wrong\n");
  ASSERT_EQ(run_owrd({"key", "new", "locked", "--passphrase-file", right.string()}), 0);
  add_release_key(keyring().find("locked")->public_key);

  EXPECT_EQ(publish({"-y", "--key", "locked", "--passphrase-file", wrong.string()}), 77) << err;
  EXPECT_NE(err.find("hint: the passphrase of locked must be the first line of " + wrong.string()),
            std::string::npos)
      << err;
  EXPECT_EQ(publish({"-y", "--key", "locked"}), 64) << err;
  EXPECT_FALSE(was_called("Publishing/Prepare"));

  EXPECT_EQ(publish({"-y", "--key", "locked", "--passphrase-file", right.string()}), 0) << err;
}

TEST_F(PublishCommand, AsksWhichOfSeveralKeysToUse) {
  add_release_key(make_key("second").public_key());

  EXPECT_EQ(publish({"-y"}), 64);

  EXPECT_NE(err.find("--key acme-2026"), std::string::npos) << err;
}

TEST_F(PublishCommand, SignsWithAsManyKeysAsTheRootWants) {
  add_release_key(make_key("second").public_key(), /*threshold=*/2);

  EXPECT_EQ(publish({"-y"}), 0) << err;

  const auto commit = daemon->last<v1::CommitRequest>("Publishing/Commit");
  const auto envelope =
      trust::parse_envelope(as_bytes(commit.envelope()), trust::PayloadKind::Manifest);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->signatures.size(), 2U);
}

TEST_F(PublishCommand, SignsByNoRootsThatDoNotHold) {
  shown.set_bundle("garbage");
  daemon->reply("Publishers/Show", shown);

  EXPECT_NE(publish({"-y"}), 0);

  EXPECT_FALSE(was_called("Publishing/Prepare"));
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
  auto honest = sample_manifest(chain->publisher_id());
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
  auto other = sample_manifest(chain->publisher_id());
  other.set_private_swarm(true);
  prepare(other);

  EXPECT_EQ(publish({"-y"}), 1);

  EXPECT_FALSE(was_called("Publishing/Commit"));
}

TEST_F(PublishCommand, SignsNothingAgainThatIsPublishedAlready) {
  prepare(sample_manifest(chain->publisher_id()), "the envelope of before");

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

}  // namespace
}  // namespace owrd::cli
