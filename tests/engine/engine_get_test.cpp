#include <algorithm>

#include "daemon/content/files.h"
#include "daemon/engine/settling.h"
#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

using EngineGetTest = EngineTest;

TEST_F(EngineGetTest, FetchesByBundleToADirectory) {
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(release_.is_at(to_)) << "every file, and nothing else";
  EXPECT_EQ((*asker->done)->release.directory, to_);
  EXPECT_EQ((*asker->done)->release.ref, "acme/atlas:1.0.0");
  ASSERT_EQ(asker->plans.size(), 1U);
  EXPECT_FALSE(asker->plans[0].was_running);
  EXPECT_EQ(asker->plans[0].files.size(), 6U);
  EXPECT_TRUE(serves(release_.all_pieces()));
  EXPECT_EQ(torrent()->add.directory(), to_.string());
  const auto stored = store().find_release(release_.manifest.release_id());
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->ownership, store::Ownership::Given);
  EXPECT_NE((*stored)->completed, 0);
}

TEST_F(EngineGetTest, NeverWantsLessOfWhatIsUnderWay) {
  const auto all = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  auto request = by_bundle(release_, to_);
  request.include = {"LICENSE"};
  const auto some = get(request);
  ASSERT_TRUE(until_given(release_, [&] { return all->done && some->done; }));
  EXPECT_TRUE(all->is_ok());
  EXPECT_TRUE(some->is_ok());
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineGetTest, FetchesTheRestAndKeepsWhatIsHere) {
  auto request = by_bundle(release_, to_);
  request.include = {"LICENSE"};
  complete(request);
  request.include = {"tokenizer/*"};
  const auto more = get(request);
  ASSERT_TRUE(until_given(release_, [&] { return more->done.has_value(); }));
  ASSERT_TRUE(more->is_ok()) << more->error().message;
  EXPECT_TRUE(std::filesystem::exists(to_ / "LICENSE"));
  EXPECT_TRUE(std::filesystem::exists(to_ / "tokenizer/vocab.txt"));
  EXPECT_FALSE(std::filesystem::exists(to_ / "model.safetensors"));
  kill_and_restart();
  EXPECT_TRUE(view().is_partial);
  std::filesystem::remove(to_ / "LICENSE");
  pass(std::chrono::seconds(4));
  EXPECT_EQ(view().damaged_files, std::vector<std::string>{"LICENSE"}) << "it is watched too";
  complete(by_bundle(release_, to_));
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineGetTest, LooksWhetherWhatIsHereStillIsWhatItWas) {
  auto settings = settings_;
  settings.seed_on_complete = false;
  restart_with(settings);
  complete(by_bundle(release_, to_));
  std::filesystem::remove(to_ / "model.safetensors");
  const auto again = get(by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return again->done.has_value(); }));
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineGetTest, ReplacesNothingThatSomebodyChanged) {
  release_.write(to_);
  content::put(to_ / "LICENSE", "our own terms\n");
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().code, ErrorCode::Corrupt);
  EXPECT_EQ(content::content_of(to_ / "LICENSE"), "our own terms\n");
  const auto repaired = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until_given(release_, [&] { return repaired->done.has_value(); }));
  EXPECT_TRUE(repaired->is_ok()) << repaired->error().message;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineGetTest, CopiesOnlyWhatIsAskedForAndOnlyWhatIsGood) {
  complete(by_bundle(release_, to_));
  auto request = by_bundle(release_, home_ / "some");
  request.include = {"LICENSE"};
  const auto some = get(request);
  ASSERT_TRUE(until([&] { return some->done.has_value(); }));
  ASSERT_TRUE(some->is_ok()) << some->error().message;
  EXPECT_TRUE(std::filesystem::exists(home_ / "some/LICENSE"));
  EXPECT_FALSE(std::filesystem::exists(home_ / "some/model.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(home_ / "some/.owrd-partial"));

  // What an interrupted copy leaves: its proof and a part of a file, both still staged.
  const auto elsewhere = home_ / "elsewhere";
  release_.write(elsewhere / ".owrd-partial", "release.owrd");
  content::put(elsewhere / ".owrd-partial/model.safetensors", "half");
  const auto whole = get(by_bundle(release_, elsewhere));
  ASSERT_TRUE(until([&] { return whole->done.has_value(); }));
  ASSERT_TRUE(whole->is_ok()) << whole->error().message;
  EXPECT_TRUE(release_.is_at(elsewhere));

  content::put(to_ / "LICENSE", std::string(content::content_of(to_ / "LICENSE").size(), 'x'));
  const auto bad = get(by_bundle(release_, home_ / "bad"));
  ASSERT_TRUE(until([&] { return bad->done.has_value(); }));
  EXPECT_EQ(bad->error().code, ErrorCode::Corrupt);
  EXPECT_FALSE(std::filesystem::exists(home_ / "bad/LICENSE"));
}

TEST_F(EngineGetTest, NeedsItsDaemonFromTheMomentItIsDetachedToItsEnd) {
  auto settings = settings_;
  settings.seed_on_complete = false;
  restart_with(settings);
  auto request = by_bundle(release_, to_);
  request.detach = true;
  const auto asker = get(request);
  EXPECT_TRUE(engine().has_detached_work()) << "before it has begun";
  ASSERT_TRUE(until_given(release_, [&] {
    EXPECT_TRUE(engine().has_detached_work() || asker->done);
    return asker->done.has_value();
  }));
  EXPECT_FALSE(engine().has_detached_work());
}

TEST_F(EngineGetTest, MakesOneCopyToAPlaceAtATime) {
  complete(by_bundle(release_, to_));
  const auto first = get(by_bundle(release_, home_ / "copy"));
  const auto second = get(by_bundle(release_, home_ / "copy"));
  ASSERT_TRUE(until([&] { return first->done && second->done; }));
  EXPECT_TRUE(first->is_ok()) << first->error().message;
  EXPECT_EQ(second->error().code, ErrorCode::Busy);
  EXPECT_TRUE(release_.is_at(home_ / "copy"));
}

TEST_F(EngineGetTest, RefusesAHopelessPlaceBeforeItAsksAnybody) {
  content::put(home_ / "others/notes.txt", "notes");
  content::put(home_ / "file", "a file");
  struct Case {
    std::filesystem::path place;
    ErrorCode code;
  };
  for (const auto& one : {Case{home_ / "others", ErrorCode::AlreadyExists},
                          Case{home_ / "file", ErrorCode::AlreadyExists},
                          Case{home_ / "store/releases/x", ErrorCode::InvalidInput}}) {
    const auto asker = get(by_magnet(release_, one.place));
    ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
    EXPECT_EQ(asker->error().code, one.code) << one.place;
  }
  EXPECT_TRUE(swarm().torrents().empty());
}

TEST_F(EngineGetTest, CopiesAReleaseThatIsHereToAnotherPlace) {
  complete(by_bundle(release_, to_));
  const auto elsewhere = home_ / "elsewhere";
  const auto copy = get(by_bundle(release_, elsewhere));
  ASSERT_TRUE(until([&] { return copy->done.has_value(); }));
  ASSERT_TRUE(copy->is_ok()) << copy->error().message;
  EXPECT_TRUE(release_.is_at(elsewhere));
  ASSERT_EQ(copy->plans.size(), 1U);
  EXPECT_EQ(copy->plans[0].copied_from, to_);
  EXPECT_EQ(copy->plans[0].release.directory, elsewhere);
  EXPECT_EQ((*copy->done)->release.directory, elsewhere);
  EXPECT_EQ(view().directory, to_) << "the store keeps its own";
}

TEST_F(EngineGetTest, FetchesByMagnetIntoTheStore) {
  const auto asker = get(by_magnet(release_));
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  const auto directory = (*asker->done)->release.directory;
  EXPECT_TRUE(release_.is_at(directory));
  EXPECT_EQ(directory.string().rfind((home_ / "store").string(), 0), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(home_ / "store" / "resolving"));
}

TEST_F(EngineGetTest, FetchesOnlyWhatIsSelected) {
  auto request = by_bundle(release_, to_);
  request.include = {"*.txt"};
  request.exclude = {"empty*"};
  complete(request);
  EXPECT_TRUE(std::filesystem::exists(to_ / "tokenizer/vocab.txt"));
  EXPECT_FALSE(std::filesystem::exists(to_ / "model.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(to_ / "empty.txt"));
  EXPECT_TRUE(view().is_partial);

  // All of it, later: only what is missing is asked for.
  const auto rest = get(by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return rest->done.has_value(); }));
  ASSERT_TRUE(rest->is_ok()) << rest->error().message;
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_FALSE(view().is_partial);
}

TEST_F(EngineGetTest, RefusesASelectionOfNothing) {
  auto request = by_bundle(release_, to_);
  request.include = {"*.gguf"};
  const auto asker = get(request);
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(code_name(asker->error()), code_name({ErrorCode::InvalidInput, ""}));
  EXPECT_FALSE(std::filesystem::exists(to_));
}

TEST_F(EngineGetTest, DryRunTellsThePlanAndWritesNothing) {
  for (auto request : {by_bundle(release_, to_), by_magnet(release_, to_)}) {
    request.dry_run = true;
    request.include = {"LICENSE"};
    const auto asker = get(request);
    ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
    ASSERT_TRUE(asker->is_ok()) << asker->error().message;
    ASSERT_EQ(asker->plans.size(), 1U);
    EXPECT_EQ(asker->plans[0].release.bytes_wanted,
              1000 + release_.bytes("release.owrd").size() + release_.bytes("layers.owrd").size());
    EXPECT_EQ(asker->plans[0].bytes_here, 0U);
    EXPECT_EQ(asker->plans[0].signed_by.size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(to_));
    EXPECT_TRUE(store().releases()->empty());
    EXPECT_TRUE(engine().releases().empty());
  }
}

TEST_F(EngineGetTest, RefusesADestinationWithOtherFilesOrAFile) {
  content::put(to_ / "notes.txt", "mine");
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().message, to_.string() + " holds other files, and none of this release");
  EXPECT_EQ(asker->error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(asker->error().hint,
            "choose an empty or a new directory: --to " + to_.string() + "/NAME");
  EXPECT_EQ(content::content_of(to_ / "notes.txt"), "mine");

  const auto file = get(by_bundle(release_, to_ / "notes.txt"));
  ASSERT_TRUE(until([&] { return file->done.has_value(); }));
  EXPECT_EQ(file->error().message, (to_ / "notes.txt").string() + " is a file");
}

TEST_F(EngineGetTest, RefusesWhatTheDiskCannotHold) {
  auto settings = settings_;
  settings.reserve_free_bytes = std::uint64_t{1} << 62;
  restart_with(settings);
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().code, ErrorCode::NoSpace);
  EXPECT_EQ(asker->error().message.rfind("fetching to " + to_.string() + ": need ", 0), 0U);
  EXPECT_FALSE(std::filesystem::exists(to_));
}

TEST_F(EngineGetTest, TakesUpACopyThatIsThere) {
  release_.write(to_);
  std::filesystem::remove(to_ / "model.safetensors");
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_EQ(torrent()->wanted_files, (std::set<std::uint32_t>{3})) << "model.safetensors";
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineGetTest, RepairsACopyThatIsThereByThePiece) {
  release_.write(to_);
  auto damaged = std::string(as_text(release_.bytes("model.safetensors")));
  damaged[70'000] ^= 1;
  content::put(to_ / "model.safetensors", damaged);
  const auto asker = verify(Target{{}, to_}, /*repair=*/true);
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_EQ(torrent()->wanted_files, (std::set<std::uint32_t>{3})) << "model.safetensors";
  const auto all = release_.all_pieces();
  std::set<std::uint32_t> good(all.begin(), all.end());
  good.erase(release_.pieces("model.safetensors")[1]);
  EXPECT_EQ(torrent()->have, good);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineGetTest, TellsTwoAskersOfOneTransfer) {
  const auto first = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  GetRequest by_name;
  by_name.ref = ref_;
  const auto second = get(by_name);
  ASSERT_TRUE(until([&] { return !second->plans.empty(); }));
  EXPECT_TRUE(second->plans[0].was_running);
  ASSERT_TRUE(
      until_given(release_, [&] { return first->done.has_value() && second->done.has_value(); }));
  EXPECT_TRUE(first->is_ok());
  EXPECT_TRUE(second->is_ok());

  const auto third = get(by_name);
  ASSERT_TRUE(until([&] { return third->done.has_value(); }));
  EXPECT_TRUE(third->is_ok());
  EXPECT_FALSE(third->plans.at(0).was_running);
}

TEST_F(EngineGetTest, AnAskerWhoLetsGoHearsNothingMoreAndTheTransferGoesOn) {
  auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  asker->subscription.reset();
  ASSERT_TRUE(until_given(release_, [&] { return view().state == State::Seeding; }));
  EXPECT_FALSE(asker->done);
}

TEST_F(EngineGetTest, RefusesASecondPlaceWhileItIsFetched) {
  const auto first = get(by_bundle(release_, to_));
  const auto second = get(by_bundle(release_, home_ / "elsewhere"));
  ASSERT_TRUE(until([&] { return second->done.has_value(); }));
  EXPECT_EQ(second->error().code, ErrorCode::Busy);
  EXPECT_EQ(second->error().hint, "let it finish, or first: owrd rm acme/atlas:1.0.0");
}

TEST_F(EngineGetTest, CopiesOutWhatIsHere) {
  complete(by_bundle(release_));
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_EQ((*asker->done)->release.directory, to_);
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_NE(view().directory, to_) << "the store keeps its own";
}

TEST_F(EngineGetTest, NothingComesUntilTheTimeout) {
  for (auto request :
       {by_bundle(release_, to_),
        by_magnet(make_release(acme_, [](auto& manifest) { manifest.set_version("2.0"); }))}) {
    request.timeout = std::chrono::seconds(30);
    const auto asker = get(request);
    tick();
    clock_.advance(std::chrono::seconds(29));
    tick();
    EXPECT_FALSE(asker->done);
    EXPECT_FALSE(asker->progress.empty());
    clock_.advance(std::chrono::seconds(1));
    ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
    EXPECT_EQ(asker->error().code, ErrorCode::NoSources);
    EXPECT_NE(asker->error().message.find("nothing came for 30s: no peers yet"), std::string::npos)
        << asker->error().message;
    EXPECT_TRUE(until([&] { return swarm().torrents().empty(); }));
  }
  // What was asked for is still wanted: the same command goes on.
  const auto again = get(by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return again->done.has_value(); }));
  EXPECT_TRUE(again->is_ok());
}

TEST_F(EngineGetTest, RefusesByNameWhatItDoesNotKnow) {
  struct Case {
    std::string ref;
    ErrorCode code;
    std::string hint;
  };
  const Case cases[] = {
      {"initech/atlas:1.0", ErrorCode::Untrusted,
       "get its .owrp from a place you trust, then: owrd publisher add FILE.owrp --as initech"},
      {"acme/atlas:1.0.0", ErrorCode::NotFound, "owrd ls"},
      {"0123456789abcdef", ErrorCode::NotFound, "owrd ls"}};
  for (const auto& [ref, code, hint] : cases) {
    SCOPED_TRACE(ref);
    GetRequest request;
    request.ref = *parse_ref(ref);
    const auto asker = get(request);
    ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
    EXPECT_EQ(code_name(asker->error()), code_name({code, ""}));
    EXPECT_EQ(asker->error().hint, hint);
  }
}

TEST_F(EngineGetTest, RefusesAPeerThatIsNoEndpoint) {
  auto request = by_bundle(release_, to_);
  request.peers = {"192.0.2.1"};
  const auto asker = get(request);
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(code_name(asker->error()), code_name({ErrorCode::InvalidInput, ""}));
}

TEST_F(EngineGetTest, TellsTheSwarmOfThePeersThatWereNamed) {
  auto request = by_bundle(release_, to_);
  request.peers = {"192.0.2.1:29170"};
  request.bundle->add_peers("192.0.2.2:29170");
  request.bundle->add_peers("no endpoint");
  const auto asker = get(request);
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_EQ(torrent()->peers, (std::vector<std::string>{"192.0.2.1:29170", "192.0.2.2:29170"}));
  EXPECT_EQ(torrent()->add.trackers(0), "udp://tracker.example:6969/announce");
}

TEST_F(EngineGetTest, RefusesABundleWithoutRelease) {
  GetRequest request;
  request.bundle.emplace();
  const auto asker = get(request);
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().message, "the bundle names a publisher but holds no release");
}

TEST_F(EngineGetTest, RefusesTheBundleOfAnUnknownPublisher) {
  const auto initech = make_publisher("initech", 3);
  GetRequest request;
  request.bundle = make_release(initech).bundle(initech);
  const auto asker = get(request);
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().code, ErrorCode::Untrusted);
  EXPECT_NE(asker->error().hint.find("owrd publisher add FILE.owr"), std::string::npos);
  EXPECT_TRUE(swarm().torrents().empty());
}

TEST_F(EngineGetTest, KeepsTwoReleasesUnderOneVersionApart) {
  complete(by_bundle(release_));
  const auto other = make_release(acme_, [](auto& manifest) { manifest.set_created(5); });
  const auto asker = get(by_bundle(other, to_));
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().code, ErrorCode::BadSignature);
  EXPECT_NE(asker->error().message.find("signed two releases under one version"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(to_)) << "nothing is left behind";
}

TEST_F(EngineGetTest, GoesOnAfterAKillAtItsVeryBeginning) {
  const auto half = std::string(content::kTemporaryPrefix) + "0123456789abcdef";
  content::put(staging_directory(to_) / half, "half a proof");
  complete(by_bundle(release_, to_));
  EXPECT_TRUE(release_.is_at(to_));

  const auto copy = home_ / "copy";
  content::put(staging_directory(copy) / half, "half a proof");
  const auto copied = get(by_bundle(release_, copy));
  ASSERT_TRUE(until([&] { return copied->done.has_value(); }));
  EXPECT_TRUE(copied->is_ok()) << copied->error().message;
  EXPECT_TRUE(release_.is_at(copy));
}

}  // namespace
}  // namespace owrd::engine
