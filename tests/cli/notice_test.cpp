#include "daemon/trust/notice.h"

#include "daemon/hash/sha256.h"
#include "daemon/trust/release_signers.h"
#include "tests/cli/publisher_test.h"

namespace owrd::cli {
namespace {

class NoticeCommand : public PublisherTest {
 protected:
  NoticeCommand() {
    const auto key = make_key("r1");
    add_root(plan_of_one(named(key, "r1")), {&key});
    auto& release = *resolved.mutable_release();
    release.set_ref("acme/atlas:1.2.0");
    release.set_petname("acme");
    release.set_model("atlas");
    release.set_version("1.2.0");
    release.set_release_id(kRelease.to_hex());
    release.set_publisher_id(id());
    daemon->reply("Names/Resolve", resolved);
    v1::SubmitNoticeReply reply;
    *reply.mutable_release() = release;
    daemon->reply("Publishers/SubmitNotice", reply);
  }

  int say(const std::string& verb, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"release", verb, "acme/atlas:1.2.0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_owrd(arguments);
  }
  Result<trust::Notice> sent() const {
    return trust::Notice::parse(
        as_bytes(daemon->last<v1::SubmitNoticeRequest>("Publishers/SubmitNotice").envelope()));
  }

  const Digest kRelease = hash::sha256(as_bytes("release"));
  v1::ResolveReply resolved;
};

TEST_F(NoticeCommand, SaysWhatAReleaseKeyHasSigned) {
  EXPECT_EQ(say("yank", {"--reason", "defect", "--text", "wrong tokenizer", "-y"}), 0) << err;

  EXPECT_EQ(out, "acme/atlas:1.2.0\n");
  const auto notice = sent();
  ASSERT_TRUE(notice) << notice.error().message;
  EXPECT_EQ(notice->kind(), v1::NOTICE_KIND_YANK);
  EXPECT_EQ(notice->reason(), v1::NOTICE_REASON_DEFECT);
  EXPECT_EQ(notice->text(), "wrong tokenizer");
  EXPECT_EQ(notice->publisher_id(), chain->publisher_id());
  EXPECT_EQ(notice->release_id(), kRelease);
  EXPECT_EQ(notice->version(), "1.2.0");
  EXPECT_TRUE(trust::verify_release(notice->envelope(), notice->model(), *chain, {}));
}

TEST_F(NoticeCommand, HasAKindForEachVerb) {
  const struct {
    std::string verb;
    v1::NoticeKind kind;
    std::string outcome;
  } cases[] = {
      {"yank", v1::NOTICE_KIND_YANK, "acme/atlas:1.2.0 is yanked: names and channels skip it"},
      {"unyank", v1::NOTICE_KIND_UNYANK, "acme/atlas:1.2.0 is not yanked any more"},
      {"withdraw", v1::NOTICE_KIND_WITHDRAW,
       "acme/atlas:1.2.0 is withdrawn: it is refused, and seeded no more"},
      {"advise", v1::NOTICE_KIND_ADVISORY, "acme/atlas:1.2.0 has an advisory"}};
  for (const auto& [verb, kind, outcome] : cases) {
    SCOPED_TRACE(verb);
    EXPECT_EQ(say(verb, {"--reason", "security", "--text", "see there", "--advisory",
                         "CVE-2026-1234", "--advisory", "GHSA-1", "-y"}),
              0)
        << err;
    EXPECT_EQ(sent()->kind(), kind);
    EXPECT_EQ(sent()->message().advisories_size(), 2);
    EXPECT_TRUE(says(outcome)) << err;
  }
}

TEST_F(NoticeCommand, AsksWithWhatIsAboutToBeSigned) {
  terminal.is_there = true;
  terminal.answers = {"n"};

  EXPECT_EQ(say("withdraw", {"--reason", "legal"}), 1);

  EXPECT_FALSE(was_called("Publishers/SubmitNotice"));
  for (const auto& part :
       {"acme/atlas:1.2.0@sha256:" + kRelease.to_hex(), std::string("  reason    legal"),
        std::string("  key       r1 ("), std::string("this cannot be undone. Sign this? [y/N]")})
    EXPECT_TRUE(says(part)) << part << " in\n" << err;

  terminal.is_there = false;
  EXPECT_EQ(say("withdraw", {"--reason", "legal"}), 64);
}

TEST_F(NoticeCommand, IsAboutAnExactVersion) {
  for (const char* ref : {"acme/atlas", "acme/atlas:latest", "acme/atlas:1"}) {
    SCOPED_TRACE(ref);
    EXPECT_EQ(run_owrd({"release", "yank", ref, "--reason", "defect", "-y"}), 64);
    EXPECT_TRUE(says("names no exact version: it is acme/atlas:1.2.0 at the moment")) << err;
  }
  EXPECT_FALSE(was_called("Publishers/SubmitNotice"));
  EXPECT_EQ(
      run_owrd({"release", "yank", "@sha256:" + kRelease.to_hex(), "--reason", "defect", "-y"}), 0)
      << err;
}

TEST_F(NoticeCommand, IsSignedForNothingElseThanWasAskedFor) {
  const auto other_id = "@sha256:" + std::string(64, '0');
  for (const std::string& ref : {std::string("acme/nord:1.2.0"), std::string("mine/atlas:1.2.0"),
                                 other_id, "acme/atlas:1.2.0" + other_id, std::string(12, '0')}) {
    SCOPED_TRACE(ref);
    EXPECT_EQ(run_owrd({"release", "yank", ref, "--reason", "defect", "-y"}), 1);
    EXPECT_TRUE(says("nothing was signed")) << err;
  }
  EXPECT_FALSE(was_called("Publishers/SubmitNotice"));
}

TEST_F(NoticeCommand, RefusesWhatWouldBeRefused) {
  EXPECT_EQ(say("yank", {"-y"}), 64);
  EXPECT_EQ(say("yank", {"--reason", "whim", "-y"}), 64);
  EXPECT_EQ(say("yank", {"--reason", "defect", "--text", "two\nlines", "-y"}), 64);
  EXPECT_EQ(say("advise", {"--reason", "security", "-y"}), 64);
  EXPECT_TRUE(says("an advisory without text")) << err;

  EXPECT_FALSE(was_called("Publishers/SubmitNotice"));
}

TEST_F(NoticeCommand, NeedsAKeyOfThePublishers) {
  make_key("other");

  EXPECT_EQ(say("yank", {"--reason", "defect", "-y", "--key", "other"}), 10);
  EXPECT_TRUE(says("the key \"other\" is no release key of acme for atlas")) << err;

  std::filesystem::remove(keyring().path_of("r1"));
  EXPECT_EQ(say("yank", {"--reason", "defect", "-y"}), 13);
  EXPECT_FALSE(was_called("Publishers/SubmitNotice"));
}

TEST_F(NoticeCommand, IsNotSignedForAnotherPublisherThanIsPinned) {
  resolved.mutable_release()->set_publisher_id(std::string(64, '0'));
  daemon->reply("Names/Resolve", resolved);

  EXPECT_EQ(say("yank", {"--reason", "defect", "-y"}), 11);

  EXPECT_FALSE(was_called("Publishers/SubmitNotice"));
}

TEST_F(NoticeCommand, PassesOnWhatTheDaemonSays) {
  daemon->fail("Names/Resolve", {ErrorCode::NotFound, "no such release", "owrd release ls acme"});
  EXPECT_EQ(say("yank", {"--reason", "defect", "-y"}), 13);

  daemon->reply("Names/Resolve", resolved);
  daemon->fail("Publishers/SubmitNotice", {ErrorCode::Denied, "acme is not this daemon's", ""});
  EXPECT_EQ(say("yank", {"--reason", "defect", "-y"}), 77);
}

}  // namespace
}  // namespace owrd::cli
