#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>

#include <cerrno>

#include "daemon/swarm/worker_process.h"
#include "tests/support/fake_swarm.h"
#include "tests/swarm/node.h"
#include "tests/swarm/raw_peer.h"

namespace owrd::swarm {
namespace {

constexpr std::uint32_t kPiece = 64 * 1024;

bool is_lost(const v1::SwarmEvent& event) { return event.has_worker_lost(); }
bool is_ready(const v1::SwarmEvent& event) { return event.has_ready(); }
bool is_disk_error(const v1::SwarmEvent& event) { return event.has_disk_error(); }

TEST(WorkerProcess, NamesAProgramThatCannotBeStarted) {
  boost::asio::io_context loop;
  Node node(loop, "/nonexistent/owrd-swarm");
  node.swarm->send(make_configure());
  ASSERT_TRUE(node.wait([&] { return !node.all(is_lost).empty(); }));

  EXPECT_TRUE(node.all(is_lost)[0].worker_lost().reason().starts_with(
      "starting the swarm worker: /nonexistent/owrd-swarm: No such file or directory"));
  EXPECT_FALSE(node.swarm->is_running());
}

TEST(WorkerProcess, NamesTheSignal) {
  boost::asio::io_context loop;
  Node node(loop);
  ASSERT_TRUE(node.start());
  ASSERT_EQ(::kill(node.swarm->pid(), SIGKILL), 0);
  ASSERT_TRUE(node.wait([&] { return !node.all(is_lost).empty(); }));
  EXPECT_EQ(node.all(is_lost)[0].worker_lost().reason(),
            "owrd-swarm was ended by signal 9 (Killed)");
}

TEST(WorkerProcess, LeavesNoWorkerBehind) {
  boost::asio::io_context loop;
  int pid = 0;
  {
    Node node(loop);
    ASSERT_TRUE(node.start());
    pid = node.swarm->pid();
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(WorkerProcess, TellsWhatCannotBeListenedOn) {
  boost::asio::io_context loop;
  Node node(loop);
  auto configure = make_configure();
  configure.mutable_configure()->add_listen("192.0.2.77:29170");
  ASSERT_TRUE(node.start(configure));
  const auto ready = node.all(is_ready)[0].ready();
  EXPECT_EQ(ready.listening_size(), 1);
  ASSERT_GE(ready.listen_errors_size(), 1);
  EXPECT_NE(ready.listen_errors(0).find("192.0.2.77"), std::string::npos) << ready.listen_errors(0);
}

TEST(Disk, AVanishedFileIsTold) {
  TestDirectory root;
  boost::asio::io_context loop;
  Node seed(loop);
  Node leech(loop);
  const auto release = make_torrent(
      {{"a.bin", make_content(2 * kPiece, 1)}, {"b.bin", make_content(kPiece, 2)}}, kPiece);
  release.write(root / "seed");
  std::filesystem::remove(root / "seed" / "a.bin");
  ASSERT_TRUE(seed.start());
  ASSERT_TRUE(leech.start());
  seed.swarm->send(release.seed(1, root / "seed"));
  auto add = release.add(2, root / "get");
  add.mutable_add()->add_peers(seed.endpoint());
  leech.swarm->send(add);
  ASSERT_TRUE(seed.wait([&] { return !seed.all(is_disk_error).empty(); }));

  const auto error = seed.all(is_disk_error)[0].disk_error();
  EXPECT_EQ(error.id(), 1U);
  EXPECT_EQ(error.error(), ENOENT);
  EXPECT_TRUE(error.file().ends_with("a.bin")) << error.file();
}

TEST(Disk, AFullOneIsToldAndTheTransferGoesOnWhenThereIsRoom) {
  TestDirectory root;
  const auto small = root / "small";
  std::filesystem::create_directories(small);
  if (::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "a full disk needs a tmpfs of its own, which needs root";
  boost::asio::io_context loop;
  const auto release = make_torrent(
      {{"a.bin", make_content(8 * kPiece, 1)}, {"b.bin", make_content(8 * kPiece, 2)}}, kPiece);
  release.write(root / "seed");
  {
    Node seed(loop);
    Node leech(loop);
    EXPECT_TRUE(seed.start() && leech.start());
    seed.swarm->send(release.seed(1, root / "seed"));
    auto add = release.add(2, small);
    add.mutable_add()->add_peers(seed.endpoint());
    leech.swarm->send(add);
    EXPECT_TRUE(leech.wait([&] { return !leech.all(is_disk_error).empty(); }));
    const auto errors = leech.all(is_disk_error);
    EXPECT_EQ(errors.empty() ? 0 : errors[0].disk_error().error(), ENOSPC);
    EXPECT_LT(parse_bitmap(leech.checkpoint(2)).size(), release.piece_count);

    EXPECT_EQ(::mount("tmpfs", small.c_str(), "tmpfs", MS_REMOUNT, "size=8m"), 0);
    v1::SwarmCommand resume;
    resume.mutable_set_upload_only()->set_id(2);
    // A write that had failed before there was room may be told after the first resume.
    std::size_t seen = 0;
    EXPECT_TRUE(leech.wait([&] {
      const auto told = leech.all(is_disk_error).size();
      if (std::exchange(seen, told) != told) leech.swarm->send(resume);
      return parse_bitmap(leech.checkpoint(2)).size() == release.piece_count;
    }));
  }
  EXPECT_TRUE(release.is_at(small));
  ::umount2(small.c_str(), MNT_DETACH);
}

/// A peer at 127.0.0.2 that greets and sends, in one go, a `hashes` message (BEP 52) that nobody
/// asked for, about the padding between two files: libtorrent 2.0.8 dies of it.
void attack(const std::string& endpoint, const std::string& infohash) {
  // Base layer 0, index 0, 2 hashes, no proof.
  RawPeer peer(endpoint, infohash, "127.0.0.2");
  if (!peer.is_connected()) return;
  peer.send_message('\x16' + std::string(32, '\0') +
                    std::string("\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0", 16) + std::string(64, 'h'));
  peer.wait_for_end();
}

TEST(Hostile, AHashesMessageCostsARestartAndAtTheSecondTimeTheAddressIsBanned) {
  TestDirectory root;
  boost::asio::io_context loop;
  Node seed(loop);
  const auto release = make_torrent(
      {{"b.bin", make_content(kPiece + 5, 1)}, {"c.bin", make_content(kPiece, 2)}}, kPiece);
  release.write(root / "seed");
  ASSERT_TRUE(seed.start());
  for (std::size_t round = 1; round <= 2; ++round) {
    seed.swarm->send(release.seed(round, root / "seed"));
    ASSERT_TRUE(seed.wait([&] {
      return seed.all([](const auto& event) { return event.has_added(); }).size() == round;
    }));
    const auto ready = seed.all(is_ready);
    attack(ready.back().ready().listening(0), release.infohash);
    ASSERT_TRUE(seed.wait([&] { return seed.all(is_ready).size() == ready.size() + 1; }))
        << "the worker survived: is libtorrent newer than 2.0.8?";
    EXPECT_EQ(seed.all(is_lost).size(), round);
  }

  seed.swarm->send(release.seed(9, root / "seed"));
  ASSERT_TRUE(seed.wait(
      [&] { return seed.all([](const auto& event) { return event.has_added(); }).size() == 3; }));
  attack(seed.all(is_ready).back().ready().listening(0), release.infohash);
  EXPECT_EQ(seed.checkpoint(9).size(), 1U);
  EXPECT_EQ(seed.all(is_lost).size(), 2U);
}

}  // namespace
}  // namespace owrd::swarm
