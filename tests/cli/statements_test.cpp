#include "daemon/core/base64.h"
#include "daemon/hash/sha256.h"
#include "daemon/trust/statement.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class StatementCommand : public CliTest {
 protected:
  StatementCommand() {
    start_daemon();
    auto& release = *shown.mutable_release();
    release.set_ref("acme/atlas:1.2.0");
    release.set_release_id(kRelease.to_hex());
    release.set_publisher_id(kPublisher.to_hex());
    daemon->reply("Releases/Show", shown);
    v1::SubmitStatementReply reply;
    *reply.mutable_statement() = record("bug", "it stops");
    daemon->reply("Statements/Submit", reply);
    daemon->reply("Publishers/List", v1::ListPublishersReply());
  }

  v1::StatementRecord record(const std::string& kind, const std::string& text) const {
    v1::StatementRecord record;
    record.set_kind(kind);
    record.set_ref("acme/atlas:1.2.0");
    record.set_release_id(kRelease.to_hex());
    record.set_author("Ada (3F7A 91C2 0B44 88E1)");
    record.set_author_key(std::string(64, 'a'));
    record.set_text(text);
    record.set_issued(1'790'000'000);
    record.set_id(std::string(64, 'd'));
    record.set_envelope("signed");
    return record;
  }
  void list(const std::vector<v1::StatementRecord>& records) {
    v1::ListStatementsReply reply;
    for (const auto& each : records) *reply.add_statements() = each;
    daemon->reply("Statements/List", reply);
  }
  int send(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"feedback", "send",   "acme/atlas:1.2.0", "--kind",
                                          "safety",   "--text", "see there"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_owrd(arguments);
  }
  Result<trust::Statement> sent() const {
    return trust::Statement::verify(
        as_bytes(daemon->last<v1::SubmitStatementRequest>("Statements/Submit").envelope()));
  }
  Result<trust::KeyFile> key(const std::string& name) const {
    return Keyring(home / "config" / "owrd" / "keys").find(name);
  }

  const Digest kRelease = hash::sha256(as_bytes("release"));
  const Digest kPublisher = hash::sha256(as_bytes("publisher"));
  v1::ShowReleaseReply shown;
};

TEST_F(StatementCommand, SendsFeedbackThatAKeyOfOnesOwnHasSigned) {
  ASSERT_EQ(run_owrd({"key", "new", "ada"}), 0) << err;

  EXPECT_EQ(send({"--as", "Ada", "--evidence", "https://ada.example/1", "--evidence",
                  "https://ada.example/2"}),
            0)
      << err;

  EXPECT_EQ(out, std::string(64, 'd') + "\n");
  EXPECT_TRUE(says("bug on acme/atlas:1.2.0, signed by Ada (3F7A 91C2 0B44 88E1)")) << err;
  const auto statement = sent();
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->kind(), v1::STATEMENT_KIND_SAFETY);
  EXPECT_EQ(statement->text(), "see there");
  EXPECT_EQ(statement->author_name(), "Ada");
  EXPECT_EQ(statement->author_key(), key("ada")->public_key);
  EXPECT_EQ(statement->release_id(), kRelease);
  EXPECT_EQ(statement->publisher_id(), kPublisher);
  EXPECT_EQ(statement->message().evidence_size(), 2);

  EXPECT_EQ(send({"--json"}), 0);
  EXPECT_EQ(records().at(0)["kind"], "bug");
  EXPECT_TRUE(records().at(0)["pinned_as"].is_null());
}

TEST_F(StatementCommand, IsOnAReleaseThatIsOnlyListed) {
  ASSERT_EQ(run_owrd({"key", "new", "ada"}), 0);
  daemon->fail("Releases/Show", {ErrorCode::NotFound, "no release acme/atlas", "owrd ls"});
  v1::ResolveReply resolved;
  resolved.mutable_release()->set_ref("acme/atlas:1.3.0");
  resolved.mutable_release()->set_publisher_id(kPublisher.to_hex());
  resolved.mutable_release()->set_release_id(hash::sha256(as_bytes("other")).to_hex());
  daemon->reply("Names/Resolve", resolved);

  EXPECT_EQ(send(), 0) << err;
  EXPECT_EQ(sent()->release_id(), hash::sha256(as_bytes("other")));

  daemon->fail("Names/Resolve", {ErrorCode::NotFound, "no release acme/atlas", ""});
  EXPECT_EQ(send(), 13);
}

TEST_F(StatementCommand, MakesAKeyOnFirstUseWhenToldTo) {
  EXPECT_EQ(send(), 64);
  EXPECT_TRUE(says("You have no key to sign with. Make one and call it \"feedback\"?")) << err;
  terminal.is_there = true;
  terminal.answers = {"n"};
  EXPECT_EQ(send(), 1);
  EXPECT_TRUE(says("nothing was signed")) << err;
  EXPECT_FALSE(was_called("Statements/Submit"));
  terminal.is_there = false;

  EXPECT_EQ(send({"-y"}), 0) << err;

  ASSERT_TRUE(key("feedback"));
  EXPECT_EQ(sent()->author_key(), key("feedback")->public_key);
  EXPECT_TRUE(says("new Ed25519 key feedback")) << err;
  const auto first = sent()->author_key();
  ASSERT_EQ(run_owrd({"key", "new", "release-key"}), 0);
  EXPECT_EQ(send(), 0) << err;
  EXPECT_EQ(sent()->author_key(), first) << "the one that is called feedback";
}

TEST_F(StatementCommand, MakesNoKeyForWhatNobodyWouldTake) {
  EXPECT_EQ(send({"-y", "--evidence", "http://ada.example/"}), 64);
  EXPECT_TRUE(says("is not an https:// URL")) << err;
  EXPECT_FALSE(key("feedback"));
  EXPECT_FALSE(was_called("Statements/Submit"));
}

TEST_F(StatementCommand, AsksWhichKeyWhenThereIsAChoice) {
  ASSERT_EQ(run_owrd({"key", "new", "ada"}), 0);
  ASSERT_EQ(run_owrd({"key", "new", "lab"}), 0);
  EXPECT_EQ(send(), 64);
  EXPECT_TRUE(says("which of your keys is to sign: ada, lab?")) << err;
  EXPECT_EQ(send({"--key", "lab"}), 0) << err;
  EXPECT_EQ(sent()->author_key(), key("lab")->public_key);
  EXPECT_EQ(send({"--key", "nobody"}), 13);
}

TEST_F(StatementCommand, RefusesKindsAndResultsThatAreNone) {
  EXPECT_EQ(run_owrd({"feedback", "send", "acme/atlas", "--kind", "praise", "--text", "x"}), 64);
  EXPECT_EQ(run_owrd({"feedback", "send", "acme/atlas", "--kind", "bug"}), 64);
  EXPECT_EQ(run_owrd({"statement", "audit", "acme/atlas", "--result", "ok", "--text", "x"}), 64);
  EXPECT_EQ(run_owrd({"statement", "benchmark", "acme/atlas", "--task", "mmlu"}), 64);
  EXPECT_FALSE(was_called("Statements/Submit"));
}

TEST_F(StatementCommand, SendsEveryKind) {
  ASSERT_EQ(run_owrd({"key", "new", "ada"}), 0);
  for (const std::string kind : {"bug", "safety", "quality", "license"}) {
    EXPECT_EQ(run_owrd({"feedback", "send", "acme/atlas", "--kind", kind, "--text", "x"}), 0)
        << err;
    EXPECT_EQ(trust::name_of(sent()->kind()), kind);
  }
  for (const std::string kind : {"audit", "reproduction"}) {
    EXPECT_EQ(run_owrd({"statement", kind, "acme/atlas", "--result", "warn", "--text", "x"}), 0)
        << err;
    EXPECT_EQ(trust::name_of(sent()->kind()), kind);
    EXPECT_EQ(sent()->message().details(0).value(), "warn");
  }
  EXPECT_EQ(run_owrd({"statement", "benchmark", "acme/atlas", "--task", "mmlu", "--metric", "acc",
                      "--value", "0.71", "--harness", "lm-eval 0.4.2"}),
            0)
      << err;
  const auto benchmark = sent();
  ASSERT_EQ(benchmark->message().details_size(), 4);
  EXPECT_EQ(benchmark->message().details(3).name(), "harness");
  EXPECT_EQ(run_owrd({"statement", "benchmark", "acme/atlas", "--task", "mmlu", "--metric", "acc",
                      "--value", "71 %"}),
            64);
}

TEST_F(StatementCommand, ListsFeedbackApartFromWhatIsForEverybody) {
  auto benchmark = record("benchmark", "");
  benchmark.set_pinned_as("uni");
  for (const auto& [name, value] :
       {std::pair{"task", "mmlu"}, {"metric", "acc"}, {"value", "0.7"}}) {
    benchmark.add_details()->set_name(name);
    benchmark.mutable_details()->rbegin()->set_value(value);
  }
  list({record("bug", "it\nstops"), benchmark});

  EXPECT_EQ(run_owrd({"feedback", "ls", "acme/atlas"}), 0) << err;
  EXPECT_EQ(daemon->last<v1::ListStatementsRequest>("Statements/List").ref(), "acme/atlas");
  EXPECT_EQ(out,
            "2026-09-21T14:13:20Z\tbug\tacme/atlas:1.2.0\tAda (3F7A 91C2 0B44 88E1)\t\tit stops\n");
  EXPECT_FALSE(says("owrd release advise")) << err;

  EXPECT_EQ(run_owrd({"statement", "ls"}), 0) << err;
  EXPECT_EQ(out,
            "2026-09-21T14:13:20Z\tbenchmark\tacme/atlas:1.2.0\tuni, pinned: Ada (3F7A 91C2 0B44 "
            "88E1)\tmmlu acc 0.7\t\n");
  EXPECT_EQ(run_owrd({"statement", "list", "-q"}), 0);
  EXPECT_EQ(out, std::string(64, 'd') + "\n");
  EXPECT_EQ(run_owrd({"statement", "ls", "--json"}), 0);
  EXPECT_EQ(records().at(0)["details"]["value"], "0.7");
  EXPECT_EQ(records().at(0)["pinned_as"], "uni");

  list({});
  EXPECT_EQ(run_owrd({"feedback", "ls"}), 0);
  EXPECT_TRUE(says("no feedback is known here")) << err;
}

TEST_F(StatementCommand, TellsAPublisherHowToAnswer) {
  list({record("bug", "it stops")});
  v1::ListPublishersReply publishers;
  publishers.add_publishers()->set_petname("acme");
  publishers.mutable_publishers(0)->set_is_own(true);
  daemon->reply("Publishers/List", publishers);

  EXPECT_EQ(run_owrd({"feedback", "ls"}), 0) << err;
  EXPECT_TRUE(says("owrd release advise acme/atlas:1.2.0")) << err;
}

TEST_F(StatementCommand, ExportsFeedbackWithWhatWasSigned) {
  list({record("bug", "it stops"), record("audit", "")});

  EXPECT_EQ(run_owrd({"feedback", "export"}), 0) << err;
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records().at(0)["text"], "it stops");
  EXPECT_EQ(records().at(0)["envelope"], to_base64(as_bytes("signed")));

  const auto path = home / "feedback.jsonl";
  EXPECT_EQ(run_owrd({"feedback", "export", "acme/atlas", "-o", path.string()}), 0) << err;
  EXPECT_EQ(out, path.string() + "\n");
  EXPECT_EQ(nlohmann::json::parse(read(path))["kind"], "bug");
  EXPECT_EQ(run_owrd({"feedback", "export", "-o", path.string(), "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["statements"], 1);
  EXPECT_EQ(run_owrd({"feedback", "export", "-o", (home / "no/where").string()}), 74);
}

}  // namespace
}  // namespace owrd::cli
