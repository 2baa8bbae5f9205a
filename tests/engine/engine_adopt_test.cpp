#include <algorithm>

#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

class EngineAdoptTest : public EngineTest {
 protected:
  void adopt() {
    release_.write(to_);
    const auto asker = seed(Target{{}, to_});
    ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
    ASSERT_TRUE(asker->is_ok()) << asker->error().message;
    ASSERT_TRUE(serves(release_.all_pieces()));
  }
  void damage(const std::string& path) {
    auto bytes = std::string(as_text(release_.bytes(path)));
    bytes[bytes.size() / 2] ^= 1;
    content::put(to_ / path, bytes);
  }
  std::vector<std::uint32_t> pieces_without(const std::string& path) const {
    auto pieces = release_.all_pieces();
    for (const auto piece : release_.pieces(path)) std::erase(pieces, piece);
    return pieces;
  }
  std::string problem(const VerifyReport& report, const std::string& path) {
    for (const auto& file : report.files)
      if (file.path == path) return file.problem;
    return "not reported";
  }
};

TEST_F(EngineAdoptTest, AdoptsAWholeCopyInPlace) {
  adopt();
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_EQ(torrent()->add.directory(), to_.string());
  EXPECT_EQ(view().state, State::Seeding);
  kill_and_restart();
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineAdoptTest, RefusesACopyThatIsNotWhole) {
  release_.write(to_);
  damage("LICENSE");
  const auto asker = seed(Target{{}, to_});
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().code, ErrorCode::Corrupt);
  EXPECT_EQ(asker->error().message.rfind(
                to_.string() + " is not a whole copy of acme/atlas:1.0.0: LICENSE: ", 0),
            0U)
      << asker->error().message;
  EXPECT_EQ(asker->error().hint, "owrd verify --repair " + to_.string());
  EXPECT_TRUE(store().releases()->empty());
}

TEST_F(EngineAdoptTest, RefusesADirectoryWithoutAProof) {
  content::put(to_ / "LICENSE", "x");
  const auto asker = seed(Target{{}, to_});
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().message, to_.string() + " holds no release.owrd");
}

TEST_F(EngineAdoptTest, NoticesAChangedFileAndServesItAgainWhenItIsRestored) {
  adopt();
  damage("model.safetensors");
  pass(4s);
  EXPECT_TRUE(serves(pieces_without("model.safetensors")));
  ASSERT_TRUE(becomes(State::Damaged));
  EXPECT_EQ(view().damaged_files, std::vector<std::string>{"model.safetensors"});
  EXPECT_EQ(view().detail, "not served: model.safetensors (1 of 4 pieces bad (first at 65.5 kB))");
  EXPECT_TRUE(has_logged("model.safetensors was changed; not served until it is hashed again"));
  EXPECT_EQ(engine().status().warnings.at(0), "acme/atlas:1.0.0: " + view().detail);

  release_.write(to_, "model.safetensors");
  pass(4s);
  EXPECT_TRUE(serves(release_.all_pieces()));
  EXPECT_TRUE(becomes(State::Seeding));
}

TEST_F(EngineAdoptTest, NoticesAVanishedFileOnceAndServesItAgainWhenItIsBack) {
  adopt();
  std::filesystem::remove(to_ / "tokenizer/vocab.txt");
  pass(4s);
  EXPECT_TRUE(serves(pieces_without("tokenizer/vocab.txt")));
  EXPECT_EQ(view().damaged_files, std::vector<std::string>{"tokenizer/vocab.txt"});
  EXPECT_EQ(view().detail, "not served: tokenizer/vocab.txt (missing)");
  pass(4s);
  pass(4s);
  EXPECT_EQ(std::count(log().begin(), log().end(),
                       "acme/atlas:1.0.0: tokenizer/vocab.txt is missing; not served any more"),
            1);
  release_.write(to_, "tokenizer/vocab.txt");
  pass(4s);
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineAdoptTest, DoesNotServeForAMomentWhatChangedWhileItWasAway) {
  adopt();
  damage("model.safetensors");
  kill_and_restart();
  EXPECT_TRUE(serves(pieces_without("model.safetensors")));
  const auto piece = release_.pieces("model.safetensors").front();
  for (const auto& command : swarm().commands())
    EXPECT_EQ(swarm::parse_bitmap(command.add().have()).count(piece), 0U);
}

TEST_F(EngineAdoptTest, VerifiesByNameAndSaysWhatIsBad) {
  adopt();
  const auto good = verify(by_ref());
  ASSERT_TRUE(until([&] { return good->done.has_value(); }));
  ASSERT_TRUE(good->is_ok());
  for (const auto& file : (*good->done)->files) EXPECT_TRUE(file.is_ok) << file.path;
  EXPECT_EQ((*good->done)->signed_by.size(), 1U);

  damage("model.safetensors");
  std::filesystem::remove(to_ / "LICENSE");
  const auto bad = verify(by_ref());
  ASSERT_TRUE(until([&] { return bad->done.has_value(); }));
  ASSERT_TRUE(bad->is_ok());
  EXPECT_EQ(problem(**bad->done, "model.safetensors"), "1 of 4 pieces bad (first at 65.5 kB)");
  EXPECT_EQ(problem(**bad->done, "LICENSE"), "missing");
  EXPECT_EQ(problem(**bad->done, "tokenizer/vocab.txt"), "");
  EXPECT_FALSE((*bad->done)->repaired);
  auto left = pieces_without("model.safetensors");
  std::erase(left, release_.pieces("LICENSE").front());
  EXPECT_TRUE(serves(left));
}

TEST_F(EngineAdoptTest, ServesWhatAVerificationFoundGoodAgain) {
  adopt();
  damage("model.safetensors");
  pass(4s);
  ASSERT_TRUE(serves(pieces_without("model.safetensors")));
  ASSERT_TRUE(becomes(State::Damaged));
  release_.write(to_, "model.safetensors");
  const auto asker = verify(by_ref());  // Before the sweep sees it.
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_TRUE(serves(release_.all_pieces()));
  EXPECT_EQ(view().state, State::Seeding);
}

TEST_F(EngineAdoptTest, RepairsFromTheSwarm) {
  adopt();
  damage("model.safetensors");
  std::filesystem::remove(to_ / "LICENSE");
  const auto asker = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE((*asker->done)->repaired);
  EXPECT_EQ(problem(**asker->done, "LICENSE"), "missing") << "what was found";
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineAdoptTest, GoesOnServingWhatIsGoodWhileItRepairs) {
  adopt();
  damage("model.safetensors");
  const auto asker = verify(by_ref(), /*repair=*/true);
  const auto* fetching = wait_for_torrent(/*upload_only=*/false);
  ASSERT_NE(fetching, nullptr);
  const auto have = swarm::parse_bitmap(fetching->add.have());
  for (const auto* path : {"LICENSE", "layers.owrd", "release.owrd", "tokenizer/vocab.txt"})
    for (const auto piece : release_.pieces(path)) EXPECT_EQ(have.count(piece), 1U) << path;
  EXPECT_EQ(fetching->add.final_directory(), to_.string());
  const auto& final = fetching->add.final_files();
  const auto vocab = static_cast<std::uint32_t>(*release_.torrent.find("tokenizer/vocab.txt"));
  const auto model = static_cast<std::uint32_t>(*release_.torrent.find("model.safetensors"));
  EXPECT_EQ(std::count(final.begin(), final.end(), vocab), 1);
  EXPECT_EQ(std::count(final.begin(), final.end(), model), 0);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
}

TEST_F(EngineAdoptTest, RepairsItsOwnProofWithoutAsking) {
  adopt();
  damage("release.owrd");
  const auto asker = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until([&] { return asker->done.has_value(); })) << "the store has its bytes";
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineAdoptTest, ARefusedGetChangesNothing) {
  adopt();
  damage("LICENSE");
  pass(4s);
  ASSERT_TRUE(becomes(State::Damaged));
  const auto asker = get(by_bundle(release_));
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  EXPECT_EQ(asker->error().code, ErrorCode::Corrupt);
  EXPECT_TRUE(serves(pieces_without("LICENSE")));
  EXPECT_EQ(view().state, State::Damaged);
  const auto repaired = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until_given(release_, [&] { return repaired->done.has_value(); }));
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineAdoptTest, GoesOnSeedingWhenItHasFetchedWhatVanished) {
  adopt();
  std::filesystem::remove(to_ / "LICENSE");
  auto request = by_bundle(release_);
  auto settings = settings_;
  settings.seed_on_complete = false;
  ASSERT_TRUE(engine().set_settings(settings));
  const auto asker = get(request);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(serves(release_.all_pieces()));
  EXPECT_EQ(view().state, State::Seeding);
}

TEST_F(EngineAdoptTest, EndsARepairThatIsPausedAndGoesOnWithIt) {
  adopt();
  damage("model.safetensors");
  const auto first = verify(by_ref(), /*repair=*/true);
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  ASSERT_TRUE(engine().pause(ref_));
  EXPECT_EQ(first->error().code, ErrorCode::Busy);
  const auto looked = verify(Target{{}, to_});
  ASSERT_TRUE(until([&] { return looked->done.has_value(); }));
  ASSERT_TRUE(looked->is_ok()) << "a directory is verified whatever becomes of it";
  EXPECT_EQ(problem(**looked->done, "model.safetensors"), "missing");

  const auto again = verify(Target{{}, to_}, /*repair=*/true);
  ASSERT_TRUE(until_given(release_, [&] { return again->done.has_value(); }));
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  EXPECT_TRUE((*again->done)->repaired);
  EXPECT_EQ(std::count_if((*again->done)->files.begin(), (*again->done)->files.end(),
                          [](const auto& file) { return !file.is_ok && !file.is_skipped; }),
            1);
  EXPECT_TRUE(release_.is_at(to_));
  EXPECT_TRUE(serves(release_.all_pieces()));
}

TEST_F(EngineAdoptTest, DoesNotVerifyWhatIsStillFetched) {
  const auto asker = get(by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  const auto check = verify(by_ref());
  ASSERT_TRUE(until([&] { return check->done.has_value(); }));
  EXPECT_EQ(check->error().code, ErrorCode::Busy);
  EXPECT_EQ(check->error().hint, "owrd get acme/atlas:1.0.0");
  EXPECT_NE(view().state, State::Damaged);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
}

TEST_F(EngineAdoptTest, VerifiesAndRepairsADirectoryThatTheStoreDoesNotKnow) {
  release_.write(to_);
  const auto good = verify(Target{{}, to_});
  ASSERT_TRUE(until([&] { return good->done.has_value(); }));
  ASSERT_TRUE(good->is_ok());
  EXPECT_TRUE(store().releases()->empty()) << "it is only looked at";

  damage("tokenizer/vocab.txt");
  const auto bad = verify(Target{{}, to_});
  ASSERT_TRUE(until([&] { return bad->done.has_value(); }));
  EXPECT_EQ(problem(**bad->done, "tokenizer/vocab.txt"), "1 of 2 pieces bad (first at 0 B)");

  const auto repaired = verify(Target{{}, to_}, /*repair=*/true);
  ASSERT_TRUE(until_given(release_, [&] { return repaired->done.has_value(); }));
  ASSERT_TRUE(repaired->is_ok()) << repaired->error().message;
  EXPECT_TRUE((*repaired->done)->repaired);
  EXPECT_TRUE(release_.is_at(to_));
}

TEST_F(EngineAdoptTest, StopsSeedingAtTheRatio) {
  adopt();
  const auto asker = seed(by_ref(), store::SeedLimit{1500, 0});
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  v1::SwarmStats stats;
  stats.set_id(torrent()->add.id());
  const auto total = view().bytes_total;
  stats.set_uploaded(total * 3 / 2 - 1);
  swarm().report_stats(stats);
  tick();
  EXPECT_EQ(view().state, State::Seeding);
  stats.set_uploaded(total * 3 / 2 + 1);
  swarm().report_stats(stats);
  EXPECT_TRUE(becomes(State::Complete));
  EXPECT_TRUE(until([&] {
    const auto stored = store().find_release(release_.manifest.release_id());
    return (*stored)->uploaded == total * 3 / 2 + 1 && (*stored)->intent == store::Intent::Keep;
  }));
  EXPECT_TRUE(swarm().torrents().empty());
}

TEST_F(EngineAdoptTest, StopsSeedingAfterTheTimeFromWhenItWasAsked) {
  adopt();
  clock_.advance(100h);
  const auto asker = seed(by_ref(), store::SeedLimit{0, 3600});
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  pass(3599s);
  EXPECT_EQ(view().state, State::Seeding);
  clock_.advance(1s);
  EXPECT_TRUE(becomes(State::Complete));
}

}  // namespace
}  // namespace owrd::engine
