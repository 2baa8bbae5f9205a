#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

const std::string kKey(64, 'a');

class MirrorCommand : public CliTest {
 protected:
  MirrorCommand() {
    start_daemon();
    mirror.set_key(kKey);
    mirror.set_name("nord");
    mirror.set_fingerprint("3F7A 91C2 0B44 88E1");
    mirror.set_pinned(1'790'000'000);
    mirror.set_attestations(3);
  }

  v1::MirrorRecord mirror;
};

TEST_F(MirrorCommand, PinsAKeyUnderAName) {
  v1::AddMirrorReply reply;
  *reply.mutable_mirror() = mirror;
  daemon->reply("Mirrors/Add", reply);

  for (const auto& text : {"ed25519:" + kKey, kKey}) {
    EXPECT_EQ(run_owrd({"mirror", "add", "nord", text}), 0) << err;
    const auto request = daemon->last<v1::AddMirrorRequest>("Mirrors/Add");
    EXPECT_EQ(request.name(), "nord");
    EXPECT_EQ(request.key(), "ed25519:" + kKey);
    EXPECT_EQ(out, "nord\n");
  }

  EXPECT_EQ(run_owrd({"mirror", "add", "nord", kKey, "--json"}), 0);
  EXPECT_EQ(records().at(0)["fingerprint"], "3F7A 91C2 0B44 88E1");
}

TEST_F(MirrorCommand, RefusesWhatIsNoKey) {
  for (const auto& text : {std::string("nord"), kKey + "a", "rsa:" + kKey}) {
    EXPECT_EQ(run_owrd({"mirror", "add", "nord", text}), 64);
    EXPECT_TRUE(says("the mirror prints it with: owrd mirror key")) << err;
  }
  EXPECT_FALSE(was_called("Mirrors/Add"));
}

TEST_F(MirrorCommand, ListsThem) {
  v1::ListMirrorsReply reply;
  *reply.add_mirrors() = mirror;
  mirror.set_is_own(true);
  mirror.set_pinned(0);
  *reply.add_mirrors() = mirror;
  daemon->reply("Mirrors/List", reply);

  EXPECT_EQ(run_owrd({"mirror", "ls"}), 0) << err;
  EXPECT_EQ(out, "nord\t3F7A 91C2 0B44 88E1\t3\t2026-09-21T14:13:20Z\ted25519:" + kKey +
                     "\nnord (this daemon)\t3F7A 91C2 0B44 88E1\t3\t-\ted25519:" + kKey + "\n");
  EXPECT_EQ(run_owrd({"mirror", "list", "-q"}), 0);
  EXPECT_EQ(out, "nord\nnord\n");
  EXPECT_EQ(run_owrd({"mirror", "ls", "--json"}), 0);
  EXPECT_EQ(records().at(0)["attestations"], 3);
}

TEST_F(MirrorCommand, RemovesOnlyWhenToldTo) {
  v1::RemoveMirrorReply reply;
  *reply.mutable_mirror() = mirror;
  daemon->reply("Mirrors/Remove", reply);
  v1::ListMirrorsReply pinned;
  *pinned.add_mirrors() = mirror;
  daemon->reply("Mirrors/List", pinned);

  EXPECT_EQ(run_owrd({"mirror", "rm", "sued", "-y"}), 13);
  EXPECT_EQ(run_owrd({"mirror", "rm", "nord"}), 64);
  EXPECT_FALSE(was_called("Mirrors/Remove"));
  EXPECT_EQ(run_owrd({"mirror", "rm", "nord", "-y"}), 0) << err;
  EXPECT_EQ(daemon->last<v1::RemoveMirrorRequest>("Mirrors/Remove").name(), "nord");

  daemon->fail("Mirrors/Remove", {ErrorCode::NotFound, "no mirror \"nord\"", "owrd mirror ls"});
  EXPECT_EQ(run_owrd({"mirror", "rm", "nord", "-y"}), 13);
}

TEST_F(MirrorCommand, PrintsTheDaemonsOwnKey) {
  EXPECT_EQ(run_owrd({"mirror", "key"}), 13);

  v1::StatusReply status;
  status.set_uid(::geteuid());
  status.set_mirror_key(kKey);
  daemon->reply("Daemon/Status", status);
  EXPECT_EQ(run_owrd({"mirror", "key"}), 0) << err;
  EXPECT_EQ(out, "ed25519:" + kKey + "\n");
}

// ---- attestations

class AttestCommand : public MirrorCommand {
 protected:
  AttestCommand() {
    v1::AttestEvent progress;
    progress.mutable_progress()->set_bytes_total(1000);
    v1::AttestEvent attested;
    *attested.mutable_attested() = attestation();
    daemon->stream("Mirrors/Attest", {progress.SerializeAsString(), attested.SerializeAsString()});
  }

  v1::AttestationRecord attestation() {
    v1::AttestationRecord record;
    *record.mutable_mirror() = mirror;
    record.set_mirror_name("whatever it calls itself");
    record.set_release_id(std::string(64, 'b'));
    record.set_verified(1'790'000'000);
    record.set_expires(1'792'592'000);
    record.set_bytes(1000);
    return record;
  }
};

TEST_F(AttestCommand, SaysThatAllOfItWasHashed) {
  EXPECT_EQ(run_owrd({"attest", "acme/atlas:1.2.0"}), 0) << err;

  EXPECT_EQ(daemon->last<v1::AttestRequest>("Mirrors/Attest").ref(), "acme/atlas:1.2.0");
  EXPECT_EQ(out, std::string(64, 'b') + "\n");
  EXPECT_TRUE(says("attested acme/atlas:1.2.0: all 1.0 kB were hashed; until 2026-10-21")) << err;

  EXPECT_EQ(run_owrd({"attest", "acme/atlas:1.2.0", "--json"}), 0);
  EXPECT_EQ(records().back()["mirror"]["name"], "nord");
  EXPECT_EQ(records().back()["expires"], "2026-10-21T14:13:20Z");
}

TEST_F(AttestCommand, PassesOnWhatTheDaemonSays) {
  daemon->fail_stream("Mirrors/Attest", {}, {ErrorCode::Corrupt, "2 of 4 files differ", ""});
  EXPECT_EQ(run_owrd({"attest", "acme/atlas:1.2.0"}), 12);
  EXPECT_EQ(out, "");
  EXPECT_EQ(run_owrd({"attest", "acme/atlas:1.2.0", "nord/sol:1.0"}), 2);

  daemon->stream("Mirrors/Attest", {});
  EXPECT_EQ(run_owrd({"attest", "acme/atlas:1.2.0"}), 1);
}

TEST_F(AttestCommand, IsShownWithTheRelease) {
  v1::ShowReleaseReply release;
  release.mutable_release()->set_ref("acme/atlas:1.2.0");
  daemon->reply("Releases/Show", release);
  v1::AttestationsReply reply;
  *reply.add_attestations() = attestation();
  *reply.add_attestations() = attestation();
  reply.mutable_attestations(1)->clear_mirror();
  daemon->reply("Mirrors/Attestations", reply);

  EXPECT_EQ(run_owrd({"show", "acme/atlas:1.2.0"}), 0) << err;
  EXPECT_TRUE(prints("attested by\tnord (3F7A 91C2 0B44 88E1), hashed on 2026-09-21T14:13:20Z\n"))
      << out;
  EXPECT_TRUE(
      prints("attested by\ta mirror that is not pinned and calls itself \"whatever it "
             "calls itself\", hashed on"))
      << out;

  EXPECT_EQ(run_owrd({"show", "acme/atlas:1.2.0", "--json"}), 0);
  EXPECT_EQ(records().at(0)["attestations"][0]["mirror"]["name"], "nord");
  EXPECT_TRUE(records().at(0)["attestations"][1]["mirror"].is_null());

  daemon->fail("Mirrors/Attestations", {ErrorCode::Io, "the database is damaged", ""});
  EXPECT_EQ(run_owrd({"show", "acme/atlas:1.2.0"}), 0);
  EXPECT_TRUE(says("warning: its attestations are not known: the database is damaged")) << err;
}

}  // namespace
}  // namespace owrd::cli
