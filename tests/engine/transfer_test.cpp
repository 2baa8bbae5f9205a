#include "daemon/engine/transfer.h"

#include <algorithm>
#include <cerrno>

#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

class TransferTest : public EngineTest {
 protected:
  /// Begins a get to `to_`, up to the torrent that fetches the files.
  AskerPtr<TransferDone> begin() {
    auto asker = get(by_bundle(release_, to_));
    EXPECT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
    give_files(release_, {"layers.owrd"});
    EXPECT_TRUE(until([&] { return fetches("model.safetensors"); }));
    return asker;
  }
  bool fetches(const std::string& path) {
    const auto index = static_cast<std::uint32_t>(*release_.torrent.find(path));
    return torrent() && !torrent()->upload_only && torrent()->wanted_files.count(index) != 0;
  }
  bool has(const std::string& path) {
    const auto pieces = release_.pieces(path);
    return torrent() && std::all_of(pieces.begin(), pieces.end(), [&](std::uint32_t piece) {
             return torrent()->add.have().size() > piece / 8 &&
                    swarm::parse_bitmap(torrent()->add.have()).count(piece) != 0;
           });
  }
  store::StoredFile row(const std::string& path) {
    const auto index = *release_.torrent.find(path);
    const auto files = store().files(release_.manifest.release_id());
    for (const auto& file : *files)
      if (file.index == index) return file;
    return store::StoredFile{static_cast<std::uint32_t>(index)};
  }
  std::filesystem::path staging() const { return to_ / ".owrd-partial"; }
};

TEST_F(TransferTest, FetchesTheLayersBeforeAnythingElse) {
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  const auto layers = static_cast<std::uint32_t>(*release_.torrent.find("layers.owrd"));
  EXPECT_EQ(torrent()->wanted_files, std::set<std::uint32_t>{layers});
  EXPECT_EQ(torrent()->add.directory(), staging().string());
  EXPECT_EQ(torrent()->add.layers_size(), 0);
  EXPECT_TRUE(has("release.owrd")) << "the daemon writes that itself";
  EXPECT_EQ(view().state, State::Resolving);

  give_files(release_, {"layers.owrd"});
  ASSERT_TRUE(until([&] { return fetches("model.safetensors"); }));
  EXPECT_EQ(torrent()->add.layers_size(), 2) << "the two files of more than one piece";
  EXPECT_TRUE(has("layers.owrd")) << "it is not fetched twice";
  EXPECT_EQ(view().state, State::Getting);
}

TEST_F(TransferTest, FetchesTheLayersAgainWhenTheyDoNotFoldToTheRoots) {
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  const auto first = torrent()->add.id();
  auto wrong = std::string(as_text(release_.bytes("layers.owrd")));
  wrong[5] ^= 1;
  content::put(staging() / "layers.owrd", wrong);
  swarm().arrive(first, release_.pieces("layers.owrd"));
  ASSERT_TRUE(until([&] { return torrent() && torrent()->add.id() != first; }));
  EXPECT_TRUE(fetches("layers.owrd"));
  EXPECT_FALSE(fetches("model.safetensors"));
  EXPECT_FALSE(has("layers.owrd"));
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
}

TEST_F(TransferTest, CompletesUnderFinalNamesAndRemembersTheFiles) {
  const auto asker = begin();
  give_files(release_, {"LICENSE", "model.safetensors"});
  ASSERT_TRUE(until([&] { return view().bytes_verified >= 201'000; }));
  EXPECT_FALSE(std::filesystem::exists(to_ / "LICENSE")) << "not before all of it is there";
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_FALSE(std::filesystem::exists(staging()));
  for (const auto& content : release_.contents) {
    SCOPED_TRACE(content.path);
    const auto stored = row(content.path);
    EXPECT_TRUE(stored.verified);
    const auto identity = content::identify(to_, content.path);
    ASSERT_TRUE(identity);
    EXPECT_EQ(stored.inode, identity->inode);
    EXPECT_EQ(stored.size, content.bytes.size());
    EXPECT_EQ(stored.modified_ns, identity->modified_ns);
  }
}

TEST_F(TransferTest, ComesBackFromALostWorkerWithWhatIsDurable) {
  const auto asker = begin();
  give_files(release_, {"model.safetensors"});
  pass(11s);  // A checkpoint.
  ASSERT_TRUE(until([&] { return Bitmap(4, row("model.safetensors").have).all(); }))
      << "what arrived is durable in the store";
  give_files(release_, {"tokenizer/vocab.txt"});
  ASSERT_TRUE(until([&] { return view().bytes_verified > 270'000; }));

  swarm().lose_worker("it was killed");
  ASSERT_TRUE(until([&] { return has_logged("the swarm process was lost (it was killed)"); }));
  swarm().restart_worker();
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_TRUE(has("model.safetensors"));
  EXPECT_FALSE(has("tokenizer/vocab.txt")) << "it may not have reached the disk";
  EXPECT_LT(view().bytes_verified, 270'000U);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(TransferTest, GivesCorruptBytesNoFinalNameAndFetchesThemAgain) {
  const auto asker = begin();
  auto corrupt = std::string(as_text(release_.bytes("model.safetensors")));
  corrupt[70'000] ^= 1;
  give_files(release_, {"LICENSE", "tokenizer/vocab.txt"});
  content::put(staging() / "model.safetensors", corrupt);
  const auto first = torrent()->add.id();
  swarm().arrive(first, release_.pieces("model.safetensors"));

  ASSERT_TRUE(until(
      [&] { return torrent() && torrent()->add.id() != first && fetches("model.safetensors"); }));
  EXPECT_FALSE(std::filesystem::exists(to_ / "model.safetensors"));
  EXPECT_TRUE(has_logged("acme/atlas:1.0.0: model.safetensors: 1 of 4 pieces bad"));
  EXPECT_FALSE(asker->done);
  const auto pieces = release_.pieces("model.safetensors");
  const auto have = swarm::parse_bitmap(torrent()->add.have());
  EXPECT_EQ(have.count(pieces[0]) + have.count(pieces[2]) + have.count(pieces[3]), 3U);
  EXPECT_EQ(have.count(pieces[1]), 0U) << "only the bad piece is fetched again";
  EXPECT_FALSE(fetches("LICENSE"));

  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(TransferTest, SettlesTheFileThatChangedAfterItWasCheckedEarly) {
  const auto asker = begin();
  give_files(release_, {"LICENSE"});
  // As if it had arrived long ago: only then would a later write show.
  const auto long_ago = std::filesystem::file_time_type::clock::now() - 1h;
  std::filesystem::last_write_time(staging() / "LICENSE", long_ago);
  pass(11s);
  tick();  // Checked by now.
  content::put(staging() / "LICENSE", std::string(1000, 'x'));
  give_files(release_, {"model.safetensors", "tokenizer/vocab.txt"});
  ASSERT_TRUE(until([&] { return has_logged("LICENSE: "); }));
  EXPECT_FALSE(std::filesystem::exists(to_ / "LICENSE"));
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(TransferTest, CutsAFileThatIsTooLongAndFetchesNothingOfItAgain) {
  const auto longer = std::string(as_text(release_.bytes("LICENSE"))) + "and more";
  const auto asker = begin();
  give_files(release_, {"model.safetensors", "tokenizer/vocab.txt"});
  content::put(staging() / "LICENSE", longer);
  swarm().arrive(torrent()->add.id(), release_.pieces("LICENSE"));
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
  EXPECT_TRUE(release_.is_at(to_));

  content::put(to_ / "LICENSE", longer);
  const auto repaired = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until([&] { return repaired->done.has_value(); }));
  EXPECT_TRUE(repaired->is_ok());
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(TransferTest, GoesOnAfterAKill) {
  auto asker = begin();
  give_files(release_, {"model.safetensors"});
  pass(11s);
  ASSERT_TRUE(until([&] { return Bitmap(4, row("model.safetensors").have).all(); }));
  asker.reset();
  kill_and_restart();

  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_TRUE(has("model.safetensors"));
  ASSERT_TRUE(until_given(release_, [&] { return view().state == State::Seeding; }));
  EXPECT_TRUE(release_.is_at(to_));

  kill_and_restart();
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(TransferTest, TakesUpNothingByItselfWhenToldSo) {
  auto asker = begin();
  asker.reset();
  auto settings = settings_;
  settings.take_up_work = false;
  restart_with(settings);
  tick();
  EXPECT_TRUE(swarm().commands().empty());
  EXPECT_EQ(view().state, State::Paused);
  GetRequest by_name;
  by_name.ref = ref_;
  const auto again = get(by_name);
  ASSERT_TRUE(until_given(release_, [&] { return again->done.has_value(); }));
  EXPECT_TRUE(again->is_ok());
}

TEST_F(TransferTest, StopsWithEverythingSaved) {
  auto asker = begin();
  give_files(release_, {"LICENSE", "tokenizer/vocab.txt"});
  ASSERT_TRUE(until([&] { return view().bytes_verified > 71'000; }));
  bool is_stopped = false;
  engine().stop([&] { is_stopped = true; });
  ASSERT_TRUE(until([&] { return is_stopped; }));
  EXPECT_TRUE(swarm().torrents().empty());
  asker.reset();
  kill_and_restart();
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_TRUE(has("tokenizer/vocab.txt")) << "without a checkpoint before";
}

TEST_F(TransferTest, PausesAndResumes) {
  const auto asker = begin();
  give_files(release_, {"model.safetensors"});
  ASSERT_TRUE(until([&] { return view().bytes_verified > 200'000; }));
  const auto paused = engine().pause(ref_);
  ASSERT_TRUE(paused);
  EXPECT_EQ(paused->state, State::Paused);
  EXPECT_EQ(asker->error().message, "acme/atlas:1.0.0 was paused");
  ASSERT_TRUE(until([&] { return Bitmap(4, row("model.safetensors").have).all(); }));
  EXPECT_TRUE(swarm().torrents().empty());

  kill_and_restart();
  tick();
  EXPECT_TRUE(swarm().torrents().empty()) << "it stays paused";
  ASSERT_TRUE(engine().resume(ref_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  EXPECT_TRUE(has("model.safetensors"));
  EXPECT_TRUE(until_given(release_, [&] { return view().state == State::Seeding; }));
}

TEST_F(TransferTest, SaysThatTheDiskIsFullAndTriesAgain) {
  const auto asker = begin();
  const auto id = torrent()->add.id();
  swarm().fail_disk(id, ENOSPC, "model.safetensors");
  const auto file = view().directory / "model.safetensors";
  ASSERT_TRUE(until([&] { return view().detail == "the disk is full (" + file.string() + ")"; }));
  EXPECT_TRUE(torrent()->upload_only);
  pass(6s);
  ASSERT_TRUE(until([&] { return torrent() && !torrent()->upload_only; }));
  EXPECT_EQ(torrent()->add.id(), id);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
}

TEST_F(TransferTest, SaysWhatItWaitsFor) {
  const auto asker = begin();
  EXPECT_EQ(view().detail, "") << "something has just come";
  pass(2s);
  EXPECT_EQ(view().detail, "no peers yet");
  v1::SwarmStats stats;
  stats.set_id(torrent()->add.id());
  stats.set_peers(1);
  stats.set_missing_piece(release_.pieces("model.safetensors")[2]);
  swarm().report_stats(stats);
  ASSERT_TRUE(until([&] { return view().peers == 1; }));
  pass(2s);
  EXPECT_EQ(view().detail, "1 peer, which lacks piece " +
                               std::to_string(release_.pieces("model.safetensors")[2]) +
                               " (model.safetensors)");
  stats.set_peers(3);
  swarm().report_stats(stats);
  ASSERT_TRUE(until([&] { return view().peers == 3; }));
  EXPECT_EQ(view().detail.rfind("3 peers, all of which lack piece ", 0), 0U);
  stats.set_downloaded(1000);
  swarm().report_stats(stats);
  EXPECT_TRUE(until([&] { return view().detail.empty(); }));
}

TEST_F(TransferTest, FailsWhenTheSwarmRefusesAndCanBeAskedAgain) {
  const auto asker = begin();
  swarm().fail(torrent()->add.id(), "duplicate torrent");
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().message, "the swarm refused acme/atlas:1.0.0: duplicate torrent");
  EXPECT_EQ(view().state, State::Failed);
  const auto again = get(by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return again->done.has_value(); }));
  EXPECT_TRUE(again->is_ok());
}

TEST_F(TransferTest, CountsWhatBecameDurableWhileTheWorkerWasLost) {
  const auto asker = begin();
  give_files(release_, {"model.safetensors"});
  ASSERT_TRUE(until([&] { return view().bytes_verified > 200'000; }));
  swarm().hold_checkpoints(true);
  pass(11s);
  swarm().answer_checkpoints();
  // The answer is on its way to a job that makes the bytes durable; the worker dies before its end.
  ASSERT_TRUE(until([&] { return !swarm().has_events(); }));
  swarm().lose_worker("the worker was killed");
  ASSERT_TRUE(until([&] { return swarm().torrents().empty() && !swarm().has_events(); }));
  ASSERT_TRUE(until([&] { return Bitmap(4, row("model.safetensors").have).all(); }));
  swarm().restart_worker();
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
}

TEST_F(TransferTest, LeavesItToTheOthersWhenOneHasWaitedLongEnough) {
  auto request = by_bundle(release_, to_);
  request.timeout = 5s;
  const auto hasty = get(request);
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  const auto patient = get(by_bundle(release_, to_));
  ASSERT_TRUE(until([&] { return !patient->plans.empty(); }));
  pass(6s);
  ASSERT_TRUE(until([&] { return hasty->done.has_value(); }));
  EXPECT_EQ(hasty->error().code, ErrorCode::NoSources);
  const auto late = get(by_bundle(release_, to_));
  ASSERT_TRUE(until([&] { return !late->plans.empty(); }));
  pass(10s);
  ASSERT_TRUE(until_given(release_, [&] { return late->done && patient->done; }));
  ASSERT_TRUE(patient->is_ok() && late->is_ok());
  EXPECT_EQ((*patient->done)->elapsed - (*late->done)->elapsed, 6s) << "each since it asked";
  EXPECT_GE((*late->done)->elapsed, 10s);
}

TEST_F(TransferTest, FetchesAFewFilesAtATime) {
  auto settings = settings_;
  settings.window_bytes = 1;
  restart_with(settings);
  const auto asker = get(by_bundle(release_, to_));
  std::set<std::set<std::uint32_t>> windows;
  ASSERT_TRUE(until_given(release_, [&] {
    if (torrent() && !torrent()->upload_only) windows.insert(torrent()->wanted_files);
    return asker->done.has_value();
  }));
  ASSERT_TRUE(asker->is_ok());
  EXPECT_TRUE(release_.is_at(to_));
  for (const auto& window : windows) EXPECT_EQ(window.size(), 1U);
  for (const auto* path : {"LICENSE", "layers.owrd", "model.safetensors", "tokenizer/vocab.txt"})
    EXPECT_EQ(windows.count({static_cast<std::uint32_t>(*release_.torrent.find(path))}), 1U)
        << path;
}

TEST_F(TransferTest, TurnsToOtherFilesWhenNobodyHasTheseOnes) {
  auto settings = settings_;
  settings.window_bytes = 1;
  restart_with(settings);
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  give_files(release_, {"layers.owrd"});
  std::set<std::set<std::uint32_t>> windows;
  for (int turn = 0; turn < 4; ++turn) {
    ASSERT_TRUE(until([&] { return torrent() && !torrent()->wanted_files.empty(); }));
    windows.insert(torrent()->wanted_files);
    pass(31s);
  }
  EXPECT_GE(windows.size(), 3U) << "LICENSE, model.safetensors, tokenizer/vocab.txt";
}

TEST_F(TransferTest, KeepsWithoutSeedingWhenToldSo) {
  auto settings = settings_;
  settings.seed_on_complete = false;
  restart_with(settings);
  complete(by_bundle(release_, to_));
  EXPECT_EQ(view().state, State::Complete);
  tick();
  EXPECT_TRUE(swarm().torrents().empty());
}

}  // namespace
}  // namespace owrd::engine
