#include "daemon/swarm/file_service.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <fstream>

#include "daemon/core/datagram.h"
#include "tests/swarm/node.h"

namespace owrd::swarm {
namespace {

std::string read_all(const Descriptor& file) {
  char bytes[64];
  const auto length = ::pread(file.get(), bytes, sizeof bytes, 0);
  return {bytes, static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

void put(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

v1::SwarmFileRequest request(std::uint64_t torrent, std::uint32_t file, bool write = false) {
  v1::SwarmFileRequest request;
  request.set_torrent(torrent);
  request.set_file(file);
  request.set_write(write);
  return request;
}

/// A torrent of three files that fetches "b/c"; "d" lies under its final name already.
class Files : public ::testing::Test {
 protected:
  Files() {
    add_.set_id(7);
    add_.set_directory((root_ / "staging").string());
    add_.set_final_directory((root_ / "final").string());
    for (const char* path : {"a", "b/c", "d", ""}) add_.add_paths(path);
    add_.add_wanted_files(1);
    add_.add_final_files(2);
  }

  void take() {
    auto add = add_;
    service_.take_places(add);
    told_ = add;
  }

  TestDirectory root_;
  v1::SwarmAdd add_;
  v1::SwarmAdd told_;
  FileService service_;
};

TEST_F(Files, TheWorkerIsToldNoPlaces) {
  take();
  EXPECT_EQ(told_.SerializeAsString().find((root_ / "").string()), std::string::npos);
  EXPECT_EQ(told_.paths_size() + told_.final_files_size(), 0);
  EXPECT_EQ(told_.wanted_files_size(), 1);
}

TEST_F(Files, AreReadWhereTheyLie) {
  put(root_ / "staging" / "a", "on its way");
  put(root_ / "staging" / "d", "not this one");
  put(root_ / "final" / "d", "done");
  take();
  EXPECT_EQ(read_all(service_.open(request(7, 0)).file), "on its way");
  EXPECT_EQ(read_all(service_.open(request(7, 2)).file), "done");
  EXPECT_EQ(service_.open(request(7, 1)).error, ENOENT);
  EXPECT_FALSE(std::filesystem::exists(root_ / "staging" / "b")) << "a reader makes nothing";
}

TEST_F(Files, AreOpenForWritingOnlyWhereTheTorrentFetchesThem) {
  put(root_ / "final" / "d", "done");
  take();
  const auto wanted = service_.open(request(7, 1, /*write=*/true));
  ASSERT_TRUE(wanted.file.is_open());
  EXPECT_EQ(::write(wanted.file.get(), "x", 1), 1);
  EXPECT_EQ(service_.open(request(7, 0, /*write=*/true)).error, EPERM);
  EXPECT_EQ(service_.open(request(7, 2, /*write=*/true)).error, EPERM);
  const auto read_only = service_.open(request(7, 2));
  EXPECT_LT(::write(read_only.file.get(), "x", 1), 0);

  add_.set_upload_only(true);
  take();
  FileService seeding;
  seeding.take_places(told_ = add_);
  EXPECT_EQ(seeding.open(request(7, 1, /*write=*/true)).error, EPERM);
}

TEST_F(Files, ThatNobodyNamedAreNotOpened) {
  take();
  EXPECT_EQ(service_.open(request(7, 3)).error, EPERM);
  EXPECT_EQ(service_.open(request(7, 4)).error, EPERM);
  EXPECT_EQ(service_.open(request(8, 0)).error, ENOENT);
  service_.forget(7);
  EXPECT_EQ(service_.open(request(7, 1, /*write=*/true)).error, ENOENT);
}

TEST_F(Files, BehindSymbolicLinksAreNotOpened) {
  put(root_ / "elsewhere" / "c", "not ours");
  std::filesystem::create_directories(root_ / "staging");
  std::filesystem::create_symlink(root_ / "elsewhere", root_ / "staging" / "b");
  std::filesystem::create_symlink(root_ / "elsewhere" / "c", root_ / "staging" / "a");
  take();
  EXPECT_EQ(service_.open(request(7, 0)).error, ELOOP);
  EXPECT_EQ(service_.open(request(7, 1, /*write=*/true)).error, ENOTDIR);
  EXPECT_EQ(read_all(Descriptor(::open((root_ / "elsewhere" / "c").c_str(), O_RDONLY))),
            "not ours");
}

TEST_F(Files, GoOverTheSocket) {
  put(root_ / "staging" / "a", "on its way");
  take();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  const Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  ASSERT_TRUE(send_datagram(theirs.get(), request(7, 0).SerializeAsString(), {}));
  ASSERT_TRUE(send_datagram(theirs.get(), request(7, 9).SerializeAsString(), {}));
  ASSERT_TRUE(service_.serve(ours.get()));

  const auto good = receive_datagram(theirs.get());
  ASSERT_TRUE(good && *good);
  EXPECT_EQ(read_all((*good)->descriptor), "on its way");
  const auto refused = receive_datagram(theirs.get());
  ASSERT_TRUE(refused && *refused);
  v1::SwarmFileReply reply;
  ASSERT_TRUE(reply.ParseFromString((*refused)->bytes));
  EXPECT_EQ(reply.error(), EPERM);
  EXPECT_FALSE((*refused)->descriptor.is_open());
}

TEST_F(Files, AskedForWithoutEndLeaveTheLoopItsTurn) {
  take();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  const Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  int asked = 0;
  while (send_datagram(theirs.get(), request(7, 9).SerializeAsString(), {})) ++asked;
  ASSERT_TRUE(service_.serve(ours.get()));
  int answered = 0;
  for (auto reply = receive_datagram(theirs.get()); reply && *reply;
       reply = receive_datagram(theirs.get()))
    ++answered;
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, asked);
}

TEST_F(Files, AskedForInNoWordsOrWithoutListeningAreTheEndOfIt) {
  take();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  const Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  ASSERT_TRUE(send_datagram(theirs.get(), "\xff\xff", {}));
  const auto nonsense = service_.serve(ours.get());
  ASSERT_FALSE(nonsense);
  EXPECT_EQ(nonsense.error().code, ErrorCode::Corrupt);

  Result<> flooded = Done{};
  for (int i = 0; i < 100'000 && flooded; ++i) {
    ASSERT_TRUE(send_datagram(theirs.get(), request(7, 0).SerializeAsString(), {}));
    flooded = service_.serve(ours.get());
  }
  ASSERT_FALSE(flooded);
  EXPECT_EQ(flooded.error().code, ErrorCode::Busy);

  theirs = Descriptor();
  const auto closed = service_.serve(ours.get());
  ASSERT_FALSE(closed);
}

}  // namespace
}  // namespace owrd::swarm
