#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "tests/support/fake_swarm.h"
#include "tests/swarm/node.h"

namespace owrd::swarm {
namespace {

constexpr std::uint32_t kPiece = 64 * 1024;

MadeTorrent make_release(std::uint32_t seed = 1) {
  return make_torrent({{"a-empty.txt", ""},
                       {"b-small.json", make_content(1000, seed)},
                       {"c/shard-1.bin", make_content(5 * kPiece + 123, seed + 1)},
                       {"c/shard-2.bin", make_content(3 * kPiece, seed + 2)},
                       {"d-last.bin", make_content(kPiece + 1, seed + 3)}},
                      kPiece);
}

v1::SwarmCommand with_peer(v1::SwarmCommand add, const std::string& peer) {
  add.mutable_add()->add_peers(peer);
  return add;
}

v1::SwarmCommand remove(std::uint64_t id) {
  v1::SwarmCommand command;
  command.mutable_remove()->set_id(id);
  return command;
}

/// A seed and a leech on one loop.
class Transfer : public ::testing::Test {
 protected:
  void SetUp() override {
    release_.write(root_ / "seed");
    release_.write_empty(root_ / "get");
    ASSERT_TRUE(seed_.start());
    ASSERT_TRUE(leech_.start());
    seed_.swarm->send(release_.seed(1, root_ / "seed"));
  }

  bool gets_all(std::uint64_t id = 7) {
    return leech_.wait([this, id] { return leech_.pieces(id).size() == release_.piece_count; });
  }

  /// What is on disk counts when the torrent has been removed: nothing writes any more.
  void expect_complete(std::uint64_t id = 7) {
    leech_.swarm->send(remove(id));
    ASSERT_TRUE(leech_.wait([this, id] {
      return !leech_.all([id](const auto& event) { return event.removed().id() == id; }).empty();
    }));
    EXPECT_TRUE(release_.is_at(root_ / "get"));
  }

  TestDirectory root_;
  boost::asio::io_context loop_;
  MadeTorrent release_ = make_release();
  Node seed_{loop_};
  Node leech_{loop_};
};

TEST_F(Transfer, FetchesByInfoWithLayers) {
  leech_.swarm->send(with_peer(release_.add(7, root_ / "get"), seed_.endpoint()));

  ASSERT_TRUE(gets_all());
  expect_complete();
  EXPECT_FALSE(std::filesystem::exists(root_ / "get" / "made"));
}

TEST_F(Transfer, CountsEveryByteBeforeItIsGone) {
  leech_.swarm->send(with_peer(release_.add(7, root_ / "get"), seed_.endpoint()));
  ASSERT_TRUE(gets_all());
  expect_complete();
  std::uint64_t bytes = 0;
  for (const auto& file : release_.files) bytes += file.content.size();
  const auto stats = leech_.all([](const auto& event) { return event.stats().id() == 7; });
  ASSERT_FALSE(stats.empty());
  EXPECT_GE(stats.back().stats().downloaded(), bytes);
}

TEST_F(Transfer, FetchesByInfoWithoutLayers) {
  auto add = with_peer(release_.add(7, root_ / "get"), seed_.endpoint());
  add.mutable_add()->clear_layers();
  leech_.swarm->send(add);

  ASSERT_TRUE(gets_all());
  expect_complete();
}

TEST_F(Transfer, TellsTheMetadataWhichSufficesToFetchEverything) {
  auto add = with_peer(release_.add(7, root_ / "get"), seed_.endpoint());
  add.mutable_add()->clear_info();
  add.mutable_add()->clear_layers();
  add.mutable_add()->clear_wanted_files();
  leech_.swarm->send(add);
  const auto is_metadata = [](const auto& event) { return event.has_metadata(); };
  ASSERT_TRUE(leech_.wait([&] { return !leech_.all(is_metadata).empty(); }));
  const auto metadata = leech_.all(is_metadata)[0].metadata();

  EXPECT_EQ(metadata.info(), release_.info);
  EXPECT_EQ(metadata.piece_length(), kPiece);
  ASSERT_EQ(static_cast<std::size_t>(metadata.files_size()), release_.files.size());
  for (int i = 0; i < metadata.files_size(); ++i) {
    const auto& file = release_.files[static_cast<std::size_t>(i)];
    EXPECT_EQ(metadata.files(i).path(), file.path);
    EXPECT_EQ(metadata.files(i).length(), file.content.size());
  }
  EXPECT_TRUE(leech_.pieces(7).empty());
  EXPECT_FALSE(std::filesystem::exists(root_ / "get" / "made"));

  leech_.swarm->send(remove(7));
  add = with_peer(release_.add(8, root_ / "get"), seed_.endpoint());
  add.mutable_add()->set_info(metadata.info());
  leech_.swarm->send(add);
  ASSERT_TRUE(gets_all(8));
  expect_complete(8);
}

TEST_F(Transfer, FetchesOnlyWantedFiles) {
  auto add = with_peer(release_.add(7, root_ / "get"), seed_.endpoint());
  add.mutable_add()->clear_wanted_files();
  add.mutable_add()->add_wanted_files(3);
  leech_.swarm->send(add);
  const auto& wanted = release_.files[3];
  ASSERT_TRUE(leech_.wait([&] { return leech_.pieces(7).size() >= wanted.piece_count; }));

  std::set<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < wanted.piece_count; ++i) expected.insert(wanted.first_piece + i);
  EXPECT_EQ(leech_.pieces(7), expected);
  EXPECT_EQ(parse_bitmap(leech_.checkpoint(7)), expected);
  EXPECT_FALSE(std::filesystem::exists(root_ / "get" / "c/shard-1.bin"));
}

TEST_F(Transfer, ResumesFromABitmap) {
  release_.write(root_ / "get");
  std::set<std::uint32_t> have;
  for (std::uint32_t piece = 0; piece + 2 < release_.piece_count; ++piece) have.insert(piece);
  auto add = with_peer(release_.add(7, root_ / "get"), seed_.endpoint());
  add.mutable_add()->set_have(to_bitmap(have, release_.piece_count));
  leech_.swarm->send(add);
  ASSERT_TRUE(leech_.wait([this] { return leech_.pieces(7).size() == 2; }));

  EXPECT_EQ(parse_bitmap(leech_.checkpoint(7)).size(), release_.piece_count);
  expect_complete();
}

TEST_F(Transfer, ServesFilesFromTheirFinalPlaceWhileItFetchesOthers) {
  // All but the last shard are here already; nobody is there to give that.
  const auto final = root_ / "final";
  release_.write(final);
  std::filesystem::create_directories(final / "staging");
  const auto& missing = release_.files[3];
  std::filesystem::remove(final / missing.path);
  std::set<std::uint32_t> have;
  for (std::uint32_t piece = 0; piece < release_.piece_count; ++piece)
    if (piece < missing.first_piece || piece >= missing.first_piece + missing.piece_count)
      have.insert(piece);
  auto partial = release_.add(5, final / "staging");
  partial.mutable_add()->set_have(to_bitmap(have, release_.piece_count));
  partial.mutable_add()->clear_wanted_files();
  partial.mutable_add()->add_wanted_files(3);
  partial.mutable_add()->set_final_directory(final.string());
  for (const std::uint32_t file : {0U, 1U, 2U, 4U}) partial.mutable_add()->add_final_files(file);
  Node holder(loop_);
  ASSERT_TRUE(holder.start());
  holder.swarm->send(partial);

  leech_.swarm->send(with_peer(release_.add(7, root_ / "get"), holder.endpoint()));
  ASSERT_TRUE(leech_.wait([&] { return leech_.pieces(7).size() == have.size(); }));
  EXPECT_EQ(leech_.pieces(7), have);

  auto connect = v1::SwarmCommand();
  connect.mutable_connect_peers()->set_id(5);
  connect.mutable_connect_peers()->add_peers(seed_.endpoint());
  holder.swarm->send(connect);
  ASSERT_TRUE(holder.wait([&] { return holder.pieces(5).size() == missing.piece_count; }));
  holder.swarm->send(remove(5));
  ASSERT_TRUE(holder.wait(
      [&] { return !holder.all([](const auto& event) { return event.has_removed(); }).empty(); }));
  EXPECT_TRUE(std::filesystem::exists(final / "staging" / missing.path));
  EXPECT_FALSE(std::filesystem::exists(final / missing.path));
}

TEST_F(Transfer, CheckpointSurvivesTheWorkersDeath) {
  auto slow = make_configure();
  slow.mutable_configure()->set_download_limit(2 * kPiece);
  leech_.swarm->send(slow);
  leech_.swarm->send(with_peer(release_.add(7, root_ / "get"), seed_.endpoint()));
  ASSERT_TRUE(leech_.wait([this] { return leech_.pieces(7).size() >= 2; }));
  const std::string have = leech_.checkpoint(7);
  ASSERT_GE(parse_bitmap(have).size(), 2U);
  ASSERT_LT(parse_bitmap(have).size(), release_.piece_count);
  leech_.events.clear();

  ASSERT_EQ(::kill(leech_.swarm->pid(), SIGKILL), 0);
  const auto is_ready = [](const auto& event) { return event.has_ready(); };
  ASSERT_TRUE(leech_.wait([&] { return !leech_.all(is_ready).empty(); }));
  ASSERT_TRUE(leech_.events.front().has_peers() || leech_.events.front().has_worker_lost() ||
              leech_.events.front().has_pieces() || leech_.events.front().has_stats());
  EXPECT_EQ(leech_.swarm->restarts(), 1U);
  leech_.swarm->send(make_configure());
  auto add = with_peer(release_.add(7, root_ / "get"), seed_.endpoint());
  add.mutable_add()->set_have(have);
  leech_.swarm->send(add);

  const auto missing = release_.piece_count - parse_bitmap(have).size();
  ASSERT_TRUE(leech_.wait([&] { return leech_.pieces(7).size() == missing; }));
  expect_complete();
}

TEST_F(Transfer, CompletesWithACorruptSeedBesideTheGoodOne) {
  Node bad(loop_);
  release_.write(root_ / "bad");
  for (const auto& file : release_.files) {
    std::ofstream(root_ / "bad" / file.path, std::ios::binary)
        << std::string(file.content.size(), 'x');
  }
  ASSERT_TRUE(bad.start());
  bad.swarm->send(release_.seed(1, root_ / "bad"));
  leech_.swarm->send(
      with_peer(with_peer(release_.add(7, root_ / "get"), bad.endpoint()), seed_.endpoint()));

  ASSERT_TRUE(gets_all()) << leech_.pieces(7).size() << " pieces, then "
                          << leech_.events.back().ShortDebugString();
  expect_complete();
  EXPECT_EQ(leech_.swarm->restarts(), 0U);
}

TEST_F(Transfer, RefusesWhatDoesNotHashToItsInfohash) {
  auto add = release_.add(9, root_ / "get");
  add.mutable_add()->mutable_infohash()->front() ^= 1;
  leech_.swarm->send(add);
  const auto is_failed = [](const auto& event) { return event.has_failed(); };
  ASSERT_TRUE(leech_.wait([&] { return !leech_.all(is_failed).empty(); }));

  EXPECT_EQ(leech_.all(is_failed)[0].failed().id(), 9U);
  EXPECT_EQ(leech_.all(is_failed)[0].failed().reason(),
            "the torrent is refused: its info dictionary does not hash to its infohash");
}

}  // namespace
}  // namespace owrd::swarm
