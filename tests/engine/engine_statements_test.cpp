#include <algorithm>

#include "daemon/trust/statement.h"
#include "tests/engine/engine_fixture.h"
#include "tests/trust/make.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

class EngineStatementsTest : public EngineTest {
 protected:
  v1::Statement about(const MadeRelease& release, const std::string& text) const {
    v1::Statement statement;
    statement.set_publisher_id(release.manifest.publisher_id().to_field());
    statement.set_release_id(release.manifest.release_id().to_field());
    statement.set_kind(v1::STATEMENT_KIND_BUG);
    statement.set_text(text);
    statement.set_issued(clock_.now());
    return statement;
  }
  Bytes signed_by(int author, const v1::Statement& statement) const {
    return *trust::make_statement(statement, trust::make_key(author));
  }
  Bytes bug(int author, const std::string& text) const {
    return signed_by(author, about(release_, text));
  }
  void complete_and_seed() {
    complete(by_bundle(release_));
    ASSERT_TRUE(wait_for_torrent(/*upload_only=*/true));
  }
  std::vector<StatementView> statements() {
    auto all = engine().registry().statements(release_.manifest.release_id());
    EXPECT_TRUE(all) << all.error().message;
    return *all;
  }
  bool tells(const Bytes& object) {
    const auto told = swarm().told(torrent()->add.id());
    return std::find(told.begin(), told.end(), std::string(as_text(object))) != told.end();
  }
  /// The object comes from a peer, and what it makes the engine do is done.
  void hear(const Bytes& object, const std::string& peer = "192.0.2.7:29170") {
    swarm().hear(torrent()->add.id(), std::string(as_text(object)), peer);
    EXPECT_TRUE(until([this] { return !swarm().has_events(); }));
  }
  void expect_refused(const Bytes& envelope, ErrorCode code, const std::string& says) {
    const auto refused = engine().registry().submit_statement(envelope);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_name(refused.error()), code_name({code, ""}));
    EXPECT_NE(refused.error().message.find(says), std::string::npos) << refused.error().message;
  }
};

TEST_F(EngineStatementsTest, KeepsAndTellsWhatWasSubmitted) {
  complete_and_seed();
  const auto envelope = bug(7, "it stops");

  const auto submitted = engine().registry().submit_statement(envelope);

  ASSERT_TRUE(submitted) << submitted.error().message;
  EXPECT_EQ(submitted->ref, "acme/atlas:1.0.0");
  EXPECT_EQ(submitted->pinned_as, "");
  EXPECT_TRUE(until([&] { return tells(envelope); }));
  kill_and_restart();
  ASSERT_EQ(statements().size(), 1U);
  EXPECT_EQ(statements()[0].statement.text(), "it stops");
  EXPECT_EQ(statements()[0].ref, "acme/atlas:1.0.0");
  ASSERT_TRUE(wait_for_torrent(/*upload_only=*/true));
  EXPECT_TRUE(until([&] { return tells(envelope); }));
}

TEST_F(EngineStatementsTest, TakesNothingThatConcernsNobodyHere) {
  expect_refused(bug(7, "x"), ErrorCode::NotFound, "which is neither here nor listed");
  complete_and_seed();
  auto of_other = about(release_, "x");
  of_other.set_publisher_id(trust::digest_of(9).to_field());
  expect_refused(signed_by(7, of_other), ErrorCode::NotFound, "who is not pinned here");
  auto early = about(release_, "x");
  early.set_issued(clock_.now() + 86'401);
  expect_refused(signed_by(7, early), ErrorCode::InvalidInput, "more than a day after now");
  auto forged = bug(7, "x");
  forged.back() ^= std::byte{1};
  expect_refused(forged, ErrorCode::BadSignature, "");
  expect_refused(to_bytes("garbage"), ErrorCode::Corrupt, "");
  EXPECT_TRUE(statements().empty());
}

TEST_F(EngineStatementsTest, HandsOnWhatPeersSay) {
  complete_and_seed();
  const auto key = trust::make_key(7).public_key();
  ASSERT_TRUE(engine().registry().add_mirror(to_hex(key.bytes()), "uni"));
  const auto envelope = bug(7, "it stops");

  hear(envelope);
  hear(envelope);

  ASSERT_EQ(statements().size(), 1U);
  EXPECT_EQ(statements()[0].pinned_as, "uni");
  pass(31s);
  EXPECT_TRUE(until([&] { return tells(envelope); }));
}

TEST_F(EngineStatementsTest, HearsNothingOfWhatNobodyHereKnows) {
  complete_and_seed();
  auto other = about(release_, "x");
  other.set_release_id(trust::digest_of(9).to_field());
  auto early = about(release_, "x");
  early.set_issued(clock_.now() + 86'401);
  auto forged = bug(7, "x");
  forged.back() ^= std::byte{1};

  for (const auto& object : {signed_by(7, other), signed_by(7, early), forged, to_bytes("garbage")})
    hear(object);

  EXPECT_TRUE(engine().registry().statements(std::nullopt)->empty());
}

TEST_F(EngineStatementsTest, HearsSoMuchOfAPeerInAnHour) {
  complete_and_seed();
  const auto flood = [this](int first, const std::string& peer) {
    for (int author = first; author < first + 25; ++author) hear(bug(author, "flood"), peer);
  };

  flood(1, "192.0.2.7:29170");
  EXPECT_EQ(statements().size(), 20U);
  flood(26, "192.0.2.7:40000");
  EXPECT_EQ(statements().size(), 20U) << "another port is no other peer";
  flood(51, "192.0.2.8:29170");
  EXPECT_EQ(statements().size(), 40U);
  pass(1h);
  flood(76, "192.0.2.7:29170");
  EXPECT_EQ(statements().size(), 60U);
  pass(31s);
  EXPECT_TRUE(until([this] { return swarm().told(torrent()->add.id()).size() == 24U; }))
      << swarm().told(torrent()->add.id()).size();
}

TEST_F(EngineStatementsTest, SaysThatThereIsNoRoomAndNotMoreOften) {
  complete_and_seed();
  for (int number = 0; number < 8; ++number) hear(bug(7, "flood " + std::to_string(number)));

  EXPECT_EQ(statements().size(), 5U) << "of one author";
  EXPECT_TRUE(has_logged("a statement on acme/atlas:1.0.0 is not kept"));
  EXPECT_EQ(std::count_if(log().begin(), log().end(),
                          [](const std::string& line) {
                            return line.find("no more room here") != std::string::npos;
                          }),
            1);
  ASSERT_TRUE(engine().registry().submit_statement(bug(7, "one's own")));
  EXPECT_EQ(statements().size(), 6U);
}

TEST_F(EngineStatementsTest, ForgetsWhatIsSaidOfAReleaseThatIsGone) {
  complete_and_seed();
  ASSERT_TRUE(engine().registry().submit_statement(bug(7, "it stops")));
  pass(61min);
  EXPECT_EQ(statements().size(), 1U);

  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  pass(61min);

  EXPECT_TRUE(until([this] { return engine().registry().statements(std::nullopt)->empty(); }));
}

}  // namespace
}  // namespace owrd::engine
