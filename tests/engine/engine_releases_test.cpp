#include "daemon/release/bundle.h"
#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

class EngineReleasesTest : public EngineTest {
 protected:
  AskerPtr<TransferDone> watch(const Ref& ref) {
    auto asker = std::make_unique<Asker<TransferDone>>();
    asker->subscription = engine().watch(ref, asker->observer());
    return asker;
  }
  std::filesystem::path place() { return view().directory; }
};

TEST_F(EngineReleasesTest, FindsByNameByIdAndByInfohash) {
  complete(by_bundle(release_));
  const auto id = release_.manifest.release_id().to_hex();
  const std::string found[] = {"acme/atlas:1.0.0",
                               "acme/atlas",
                               "acme/atlas:latest",
                               "acme/atlas:1.0.0@sha256:" + id,
                               "@sha256:" + id,
                               id.substr(0, 12),
                               release_.torrent.infohash.to_hex().substr(0, 20)};
  for (const auto& text : found) {
    SCOPED_TRACE(text);
    const auto shown = engine().show(*parse_ref(text));
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->release.release_id, release_.manifest.release_id());
    EXPECT_EQ(shown->files.size(), 6U);
    EXPECT_EQ(shown->proof, release_.proof);
    EXPECT_EQ(shown->magnet.infohash, release_.torrent.infohash);
  }
  const std::pair<std::string, ErrorCode> refused[] = {
      {"acme/atlas:2.0", ErrorCode::NotFound},
      {"acme/other", ErrorCode::NotFound},
      {"acme/atlas:1.0.0@sha256:" + std::string(64, '0'), ErrorCode::BadSignature},
      {"initech/atlas", ErrorCode::Untrusted},
      {std::string(12, '0'), ErrorCode::NotFound}};
  for (const auto& [text, code] : refused) {
    SCOPED_TRACE(text);
    const auto shown = engine().show(*parse_ref(text));
    ASSERT_FALSE(shown);
    EXPECT_EQ(code_name(shown.error()), code_name({code, ""}));
  }
}

TEST_F(EngineReleasesTest, TakesTheNewestVersionThatIsNoPreRelease) {
  const auto newer = make_release(acme_, [](auto& manifest) { manifest.set_version("1.10.0"); });
  const auto next = make_release(acme_, [](auto& manifest) { manifest.set_version("2.0.0-rc.1"); });
  const auto first = get(by_bundle(next));
  const auto second = get(by_bundle(newer));
  const auto third = get(by_bundle(release_));
  EXPECT_EQ(engine().show(*parse_ref("acme/atlas"))->release.ref, "acme/atlas:1.10.0");
  EXPECT_EQ(engine().releases().size(), 3U);
}

TEST_F(EngineReleasesTest, MakesABundleThatAStrangerCanGetBy) {
  complete(by_bundle(release_, to_));
  const auto bytes = engine().bundle(ref_);
  ASSERT_TRUE(bytes);
  const auto bundle = release::parse_bundle(*bytes);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(to_bytes(bundle->manifest()), release_.proof);
  EXPECT_EQ(bundle->roots_size(), 1);
  EXPECT_EQ(bundle->trackers(0), "udp://tracker.example:6969/announce");
}

TEST_F(EngineReleasesTest, WatchesUntilTheEnd) {
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  const auto watcher = watch(ref_);
  ASSERT_TRUE(until([&] { return !watcher->progress.empty(); }));
  EXPECT_TRUE(watcher->plans.at(0).was_running);
  ASSERT_TRUE(until_given(release_, [&] { return watcher->done.has_value(); }));
  EXPECT_TRUE(watcher->is_ok());

  ASSERT_TRUE(engine().pause(ref_));
  const auto late = watch(ref_);
  EXPECT_TRUE(until([&] { return late->done.has_value(); }));
  EXPECT_TRUE(late->is_ok());
  const auto unknown = watch(*parse_ref("acme/other"));
  EXPECT_TRUE(until([&] { return unknown->done.has_value(); }));
  EXPECT_EQ(unknown->error().code, ErrorCode::NotFound);
}

TEST_F(EngineReleasesTest, PausesAndResumesSeeding) {
  complete(by_bundle(release_, to_));
  ASSERT_TRUE(serves(release_.all_pieces()));
  ASSERT_TRUE(engine().pause(ref_));
  EXPECT_TRUE(until([&] { return swarm().torrents().empty(); }));
  kill_and_restart();
  tick();
  EXPECT_TRUE(swarm().torrents().empty());
  ASSERT_TRUE(engine().resume(ref_));
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineReleasesTest, RemovesWhatIsItsOwn) {
  complete(by_bundle(release_));
  const auto directory = place();
  const auto dry = engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/true);
  ASSERT_TRUE(dry);
  EXPECT_TRUE(dry->files_removed);
  EXPECT_TRUE(release_.is_at(directory));
  const auto removed = engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false);
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->files_removed);
  EXPECT_TRUE(until([&] { return !std::filesystem::exists(directory); }));
  EXPECT_TRUE(swarm().torrents().empty());
  EXPECT_TRUE(store().releases()->empty());
  EXPECT_FALSE(engine().remove(ref_, false, false));
}

TEST_F(EngineReleasesTest, RemovesWhatIsStillAMagnetLink) {
  const auto asker = get(by_magnet(release_));
  const auto digits = *parse_ref(release_.torrent.infohash.to_hex().substr(0, 20));
  const auto shown = engine().show(digits);
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().code, ErrorCode::Busy);
  const auto removed = engine().remove(digits, /*keep_files=*/false, /*dry_run=*/false);
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(asker->error().code, ErrorCode::NotFound);
  EXPECT_TRUE(engine().releases().empty());
  EXPECT_TRUE(until([&] { return swarm().torrents().empty(); }));
}

TEST_F(EngineReleasesTest, RemembersWhatTheSwarmWantsRemembered) {
  complete(by_bundle(release_, to_));
  bool is_stopped = false;
  engine().stop([&] { is_stopped = true; });
  ASSERT_TRUE(until([&] { return is_stopped; }));
  EXPECT_FALSE(swarm().is_running());
  kill_and_restart();
  ASSERT_TRUE(serves(release_.all_pieces()));
  EXPECT_EQ(swarm().commands().front().configure().session_state(), "fake session state");
}

TEST_F(EngineReleasesTest, RemovesNothingThatWasGiven) {
  complete(by_bundle(release_, to_));
  const auto removed = engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false);
  ASSERT_TRUE(removed);
  EXPECT_FALSE(removed->files_removed);
  tick();
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_TRUE(store().releases()->empty());
}

TEST_F(EngineReleasesTest, TakesItUpAgainAsSoonAsItsOldTorrentIsGone) {
  complete(by_bundle(release_, to_));
  ASSERT_TRUE(serves(release_.all_pieces()));
  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/true, /*dry_run=*/false));
  const auto seeding = seed(Target{std::nullopt, to_});
  EXPECT_TRUE(until([&] { return seeding->done.has_value(); }));
  EXPECT_TRUE(seeding->is_ok()) << seeding->error().message;
  EXPECT_TRUE(serves(release_.all_pieces()));
  EXPECT_FALSE(has_logged("is in the store"));
}

TEST_F(EngineReleasesTest, RemovesAnUnfinishedGetWithWhatItStaged) {
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  EXPECT_EQ(asker->error().message, "acme/atlas:1.0.0 was removed");
  EXPECT_TRUE(until([&] { return !std::filesystem::exists(to_ / ".owrd-partial"); }));
  // The same place is as good as new.
  complete(by_bundle(release_, to_));
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineReleasesTest, GetsAgainRightAfterRemoving) {
  complete(by_bundle(release_));
  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  const auto again = get(by_bundle(release_));
  ASSERT_TRUE(until_given(release_, [&] { return again->done.has_value(); }));
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  tick();
  EXPECT_TRUE(release_.is_at(place())) << "the removal did not come over the new one";
}

TEST_F(EngineReleasesTest, TakesUpTheFilesThatARemovalKept) {
  complete(by_bundle(release_));
  const auto directory = place();
  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/true, /*dry_run=*/false));
  tick();
  EXPECT_TRUE(release_.is_at(directory));
  const auto again = get(by_bundle(release_));
  ASSERT_TRUE(until([&] { return again->done.has_value(); })) << "nothing has to be fetched";
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  EXPECT_TRUE(release_.is_at(directory));
}

TEST_F(EngineReleasesTest, GoesOnWithARepairAfterAKill) {
  complete(by_bundle(release_, to_));
  auto damaged = std::string(as_text(release_.bytes("model.safetensors")));
  damaged[70'000] ^= 1;
  content::put(to_ / "model.safetensors", damaged);
  std::filesystem::remove(to_ / "LICENSE");
  auto asker = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until([&] { return view().state != State::Seeding && has_logged("fetching it"); }));
  asker.reset();
  kill_and_restart();
  ASSERT_TRUE(until_given(release_, [&] { return view().state == State::Seeding; }))
      << view().detail;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineReleasesTest, GoesOnWithATakeUpAfterAKill) {
  release_.write(to_);
  std::filesystem::remove(to_ / "model.safetensors");
  auto asker = get(by_bundle(release_, to_));
  asker.reset();
  kill_and_restart();  // Before anything was hashed.
  ASSERT_TRUE(until_given(release_, [&] { return view().state == State::Seeding; }))
      << view().detail;
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineReleasesTest, CountsInItsStatus) {
  const auto asker = get(by_bundle(release_));
  EXPECT_EQ(engine().status().getting + engine().status().paused, 1U);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  const auto status = engine().status();
  EXPECT_EQ(status.seeding, 1U);
  EXPECT_EQ(status.getting, 0U);
  EXPECT_EQ(status.store_used_bytes, view().bytes_total);
  EXPECT_TRUE(status.worker_running);
  EXPECT_EQ(status.listening, std::vector<std::string>{"127.0.0.1:29170"});
  EXPECT_TRUE(status.warnings.empty());
}

}  // namespace
}  // namespace owrd::engine
