#include "daemon/engine/resolver.h"

#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

class ResolverTest : public EngineTest {
 protected:
  /// Gets by the magnet link of `infohash`, where the swarm tells `told` and hands out `proof`.
  AskerPtr<TransferDone> resolve(const Digest& infohash, const v1::SwarmMetadata& told,
                                 const Bytes& proof) {
    GetRequest request;
    request.magnet = release::Magnet{infohash, "", {}, {}};
    request.directory = to_;
    auto asker = get(request);
    EXPECT_TRUE(until([&] {
      serve(told, proof);
      return asker->done.has_value();
    }));
    for (const auto& command : swarm().commands())
      for (const auto index : command.add().wanted_files())
        EXPECT_EQ(told.files(static_cast<int>(index)).path(), "release.owrd")
            << "nothing else is ever wanted";
    EXPECT_FALSE(std::filesystem::exists(to_));
    EXPECT_TRUE(engine().releases().empty());
    return asker;
  }

 private:
  void serve(const v1::SwarmMetadata& told, const Bytes& proof) {
    if (!torrent()) return;
    const auto id = torrent()->add.id();
    if (torrent()->add.info().empty()) return swarm().find_metadata(id, told);
    content::put(std::filesystem::path(torrent()->add.directory()) / "release.owrd",
                 std::string(as_text(proof)));
    std::vector<std::uint32_t> pieces(64);
    for (std::uint32_t piece = 0; piece < pieces.size(); ++piece) pieces[piece] = piece;
    swarm().arrive(id, pieces);
  }
};

TEST_F(ResolverTest, RefusesAnUnknownPublisherAndAsksForNothingElse) {
  const auto initech = make_publisher("initech", 3);
  const auto theirs = make_release(initech);
  const auto asker = resolve(theirs.torrent.infohash, theirs.metadata(), theirs.proof);
  EXPECT_EQ(asker->error().code, ErrorCode::Untrusted);
  EXPECT_NE(
      asker->error().hint.find("owrd publisher add FILE.owrp --fingerprint " + initech.id.to_hex()),
      std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(home_ / "store" / "resolving"));
}

TEST_F(ResolverTest, RefusesASwarmWhoseFilesAreNotTheSignedOnes) {
  using Change = std::function<void(v1::SwarmMetadata&)>;
  const std::pair<std::string, Change> changes[] = {
      {"another length", [](auto& told) { told.mutable_files(3)->set_length(200'001); }},
      {"another root", [](auto& told) { told.mutable_files(3)->set_root(std::string(32, 'x')); }},
      {"another path", [](auto& told) { told.mutable_files(0)->set_path("LICENSE.txt"); }},
      {"one more",
       [](auto& told) {
         told.add_files()->set_path("z.pickle");
         told.mutable_files(6)->set_length(5);
       }},
      {"one less", [](auto& told) { told.mutable_files()->RemoveLast(); }}};
  for (const auto& [name, change] : changes) {
    SCOPED_TRACE(name);
    auto told = release_.metadata();
    change(told);
    const auto asker = resolve(release_.torrent.infohash, told, release_.proof);
    EXPECT_EQ(code_name(asker->error()), code_name({ErrorCode::BadSignature, ""}));
    EXPECT_EQ(asker->error().message.rfind(
                  "the torrent's list of files differs from the one that acme signed", 0),
              0U)
        << asker->error().message;
  }
}

TEST_F(ResolverTest, RefusesAnInfohashThatDoesNotFollowFromTheManifest) {
  const auto asker = resolve(Digest::from_hex(std::string(64, 'a')).operator*(),
                             release_.metadata(), release_.proof);
  EXPECT_EQ(asker->error().code, ErrorCode::BadSignature);
  EXPECT_EQ(asker->error().hint,
            "the release's own magnet link has urn:btmh:1220" + release_.torrent.infohash.to_hex());
}

TEST_F(ResolverTest, RefusesATamperedProof) {
  auto proof = release_.proof;
  proof[proof.size() / 2] ^= std::byte{1};
  const auto asker = resolve(release_.torrent.infohash, release_.metadata(), proof);
  EXPECT_TRUE(asker->error().code == ErrorCode::BadSignature ||
              asker->error().code == ErrorCode::InvalidInput ||
              asker->error().code == ErrorCode::Corrupt ||
              asker->error().code == ErrorCode::Untrusted)
      << asker->error().message;
}

TEST_F(ResolverTest, RefusesWhatIsNoRelease) {
  using Change = std::function<void(v1::SwarmMetadata&)>;
  const std::pair<std::string, Change> changes[] = {
      {"it holds no release.owrd",
       [](auto& told) { told.mutable_files(4)->set_path("release.txt"); }},
      {"its metadata is larger than a release's can be", [](auto& told) { told.clear_info(); }},
      {"its piece length is not valid", [](auto& told) { told.set_piece_length(1000); }},
      {"more than a manifest can have",
       [](auto& told) { told.mutable_files(4)->set_length(std::uint64_t{1} << 40); }},
      {"more than a manifest can have", [](auto& told) { told.mutable_files(4)->set_length(0); }},
      {"..", [](auto& told) { told.mutable_files(0)->set_path("../../etc/passwd"); }}};
  for (const auto& [reason, change] : changes) {
    SCOPED_TRACE(reason);
    auto told = release_.metadata();
    change(told);
    const auto asker = resolve(release_.torrent.infohash, told, release_.proof);
    EXPECT_EQ(code_name(asker->error()), code_name({ErrorCode::Corrupt, ""}));
    EXPECT_EQ(
        asker->error().message.rfind("the torrent of this magnet link is not an owrd release: ", 0),
        0U);
    EXPECT_NE(asker->error().message.find(reason), std::string::npos) << asker->error().message;
  }
}

TEST_F(ResolverTest, SurvivesALostWorkerAtEveryStage) {
  const auto asker = get(by_magnet(release_, to_));
  ASSERT_TRUE(until([&] { return torrent() != nullptr; }));
  swarm().lose_worker("killed");
  swarm().restart_worker();
  ASSERT_TRUE(until([&] { return torrent() != nullptr; }));
  EXPECT_TRUE(torrent()->add.info().empty());
  swarm().find_metadata(torrent()->add.id(), release_.metadata());
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  swarm().lose_worker("killed");
  swarm().restart_worker();
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(ResolverTest, GivesEachAskerWhatItAskedFor) {
  auto dry = by_magnet(release_, to_);
  dry.dry_run = true;
  auto looks = get(dry);
  const auto fetches = get(by_magnet(release_, to_));
  const auto looks_too = get(dry);
  looks->subscription.reset();
  ASSERT_TRUE(until_given(release_, [&] { return fetches->done && looks_too->done; }));
  ASSERT_TRUE(fetches->is_ok()) << fetches->error().message;
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_TRUE(looks_too->is_ok());
  EXPECT_EQ(looks_too->plans.size(), 1U);
  EXPECT_FALSE(looks->done) << "it let go";
}

TEST_F(ResolverTest, ADryRunThatIsLetGoLeavesNothing) {
  auto dry = by_magnet(release_, to_);
  dry.dry_run = true;
  auto asker = get(dry);
  ASSERT_TRUE(until([&] { return torrent() != nullptr; }));
  asker->subscription.reset();
  EXPECT_TRUE(until([&] { return swarm().torrents().empty(); }));
  EXPECT_TRUE(engine().releases().empty());
}

TEST_F(ResolverTest, ADetachedGetSurvivesARestart) {
  auto request = by_magnet(release_, to_);
  request.detach = true;
  request.exclude = {"*.txt"};
  request.peers = {"192.0.2.1:29170"};
  auto asker = get(request);
  EXPECT_TRUE(engine().has_detached_work());
  asker.reset();
  kill_and_restart();
  EXPECT_TRUE(engine().has_detached_work());
  ASSERT_TRUE(until([&] { return torrent() != nullptr; }));
  EXPECT_EQ(torrent()->peers, std::vector<std::string>{"192.0.2.1:29170"});
  ASSERT_TRUE(until_given(release_, [&] {
    const auto shown = engine().show(ref_);
    return shown && shown->release.state == State::Seeding;
  }));
  EXPECT_TRUE(std::filesystem::exists(to_ / "model.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(to_ / "tokenizer/vocab.txt"));
  EXPECT_TRUE(store().pending()->empty());
}

TEST_F(ResolverTest, AnAttachedGetDoesNot) {
  auto asker = get(by_magnet(release_, to_));
  EXPECT_FALSE(engine().has_detached_work());
  asker.reset();
  kill_and_restart();
  tick();
  EXPECT_TRUE(swarm().torrents().empty());
}

TEST_F(ResolverTest, IsRemovedByItsInfohashAndCannotBePaused) {
  auto request = by_magnet(release_, to_);
  request.detach = true;
  const auto asker = get(request);
  const auto listed = engine().releases();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].state, State::Resolving);
  const auto ref = *parse_ref(release_.torrent.infohash.to_hex().substr(0, 12));
  const auto paused = engine().pause(ref);
  ASSERT_FALSE(paused);
  EXPECT_EQ(paused.error().code, ErrorCode::Busy);
  EXPECT_EQ(store().pending()->size(), 1U);
  const auto removed = engine().remove(ref, /*keep_files=*/false, /*dry_run=*/false);
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(asker->error().code, ErrorCode::NotFound);
  EXPECT_TRUE(store().pending()->empty());
  EXPECT_FALSE(engine().has_detached_work());
}

TEST_F(ResolverTest, OutlivesAClientThatIsLostButNotOneThatGivesUp) {
  const auto ref = *parse_ref(release_.torrent.infohash.to_hex().substr(0, 12));
  auto first = get(by_magnet(release_, to_));
  auto second = get(by_magnet(release_, to_));
  first.reset();
  EXPECT_FALSE(engine().pause(ref)) << "somebody else waits for it";
  second.reset();
  EXPECT_EQ(engine().releases().size(), 1U);
  EXPECT_TRUE(engine().pause(ref));
  EXPECT_TRUE(engine().releases().empty());
  EXPECT_TRUE(until([&] { return swarm().torrents().empty(); }));
}

}  // namespace
}  // namespace owrd::engine
