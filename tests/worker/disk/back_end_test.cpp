#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/torrent_flags.hpp>

#include "daemon/hash/sha256.h"
#include "tests/worker/disk/disk_fixture.h"

namespace owrd::worker::disk {
namespace {

namespace errc = boost::system::errc;

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void spit(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

using DiskBackEnd = DiskTest;

// --- What is written

TEST_F(DiskBackEnd, HashesWhatArrivesWithoutReadingIt) {
  for (int piece = 0; piece < static_cast<int>(made_.piece_count); ++piece) {
    SCOPED_TRACE(piece);
    ASSERT_FALSE(user_->write_piece(piece));
    const auto answer = user_->hash(piece);
    EXPECT_FALSE(answer.error);
    EXPECT_EQ(answer.leaves, user_->right_leaves(piece));
  }
  EXPECT_EQ(system_->reads, 0);
  made_.write_empty(root_ / "get");
  EXPECT_TRUE(made_.is_at(root_ / "get"));
}

TEST_F(DiskBackEnd, ReadsForTheHashOnlyWhatAnEarlierLifeWrote) {
  auto part = made_.files[0].content;
  part.replace(kBlockBytes, kBlockBytes, kBlockBytes, '\0');
  spit(root_ / "get" / "a.bin", part);
  ASSERT_FALSE(user_->write(user_->block(0, 1), user_->content(user_->block(0, 1))));

  const auto answer = user_->hash(0);

  EXPECT_FALSE(answer.error);
  EXPECT_EQ(answer.leaves, user_->right_leaves(0));
  EXPECT_EQ(system_->reads, 2) << "before the block, and after it";
}

TEST_F(DiskBackEnd, HashesOneBlock) {
  ASSERT_FALSE(user_->write_piece(3));
  for (const bool is_in_memory : {true, false}) {
    SCOPED_TRACE(is_in_memory);
    if (!is_in_memory) user_->hash(3);
    std::optional<lt::sha256_hash> hash;
    disk_->async_hash2(
        user_->storage, lt::piece_index_t(3), 2 * kBlockBytes, {},
        [&](lt::piece_index_t, const lt::sha256_hash& found, const lt::storage_error& error) {
          EXPECT_FALSE(error);
          hash = found;
        });
    user_->run_until([&] { return hash.has_value(); });
    EXPECT_EQ(*hash, user_->right_leaves(3)[2]);
  }
}

TEST_F(DiskBackEnd, WritesNeighboursAtOnce) {
  system_->hold_writes(true);
  std::vector<lt::storage_error> answers;
  for (int block = 0; block < 12; ++block) {
    const auto request = user_->block((11 - block) / 4, (11 - block) % 4);
    user_->start_write(request, user_->content(request), answers);
    // The first goes alone; the others come while it is on its way.
    disk_->submit_jobs();
  }
  system_->hold_writes(false);
  user_->run_until([&] { return answers.size() == 12; });

  EXPECT_EQ(system_->writes, 2);
  EXPECT_EQ(slurp(root_ / "get" / "a.bin"), made_.files[0].content);
}

TEST_F(DiskBackEnd, GoesOnAfterShortWritesAndShortReads) {
  system_->max_write_bytes = 1000;
  system_->max_read_bytes = 999;
  for (int piece = 0; piece < 3; ++piece) ASSERT_FALSE(user_->write_piece(piece));
  EXPECT_EQ(slurp(root_ / "get" / "a.bin"), made_.files[0].content);

  const auto request = user_->block(1, 2);
  EXPECT_EQ(user_->read(request).bytes, user_->content(request));
}

TEST_F(DiskBackEnd, OfTwoOfTheSamePlaceTheLaterOneStays) {
  system_->hold_writes(true);
  std::vector<lt::storage_error> answers;
  const auto request = user_->block(0, 0);
  for (const char c : {'x', 'y', 'z'}) {
    user_->start_write(request, std::string(kBlockBytes, c), answers);
    if (c == 'x') disk_->submit_jobs();
  }
  disk_->submit_jobs();
  system_->hold_writes(false);
  user_->run_until([&] { return answers.size() == 3; });
  EXPECT_EQ(user_->read(request).bytes, std::string(kBlockBytes, 'z'));
}

TEST_F(DiskBackEnd, HoldsAFileOfATerabyte) {
  constexpr std::int64_t kLength = std::int64_t{1} << 40;
  constexpr int kLongPiece = 16 * 1024 * 1024;
  constexpr int kLast = static_cast<int>(kLength / kLongPiece) - 1;
  swarm::MadeTorrent made;
  made.info = "d9:file treed1:ad0:d6:lengthi" + std::to_string(kLength) +
              "e11:pieces root32:" + std::string(32, 'r') +
              "eee12:meta versioni2e4:name3:big12:piece lengthi" + std::to_string(kLongPiece) +
              "ee";
  made.infohash = hash::sha256(as_bytes(made.info)).to_field();
  made.piece_count = kLast + 1;
  made.files = {{"a", "", 0, made.piece_count}};
  start(Limits(), made);
  const auto end = user_->block(kLast, kLongPiece / kBlockBytes - 1);
  const std::string bytes = swarm::make_content(kBlockBytes, 1);

  ASSERT_FALSE(user_->write(end, bytes));

  EXPECT_EQ(user_->read(end).bytes, bytes);
  const auto middle = user_->block(kLast / 2, 5);
  EXPECT_EQ(user_->read(middle).bytes, std::string(kBlockBytes, '\0')) << "a hole";
  EXPECT_EQ(user_->hash(kLast).leaves.back().to_string(), hash::sha256(as_bytes(bytes)).to_field());
  EXPECT_EQ(std::filesystem::file_size(root_ / "get" / "a"), static_cast<std::uintmax_t>(kLength));
}

TEST_F(DiskBackEnd, SendsWhatIsWrittenOnItsWayToTheDisk) {
  const auto large =
      swarm::make_torrent({{"large.bin", swarm::make_content(9 * 1024 * 1024, 1)}}, 1024 * 1024);
  start(Limits(), large);
  for (int piece = 0; piece < 8; ++piece) ASSERT_FALSE(user_->write_piece(piece));
  EXPECT_EQ(system_->writeback_bytes, 8 * 1024 * 1024);
  user_.reset();
}

// --- What cannot be written

TEST_F(DiskBackEnd, TellsAFullDiskAndHealsWhenThereIsRoom) {
  for (const int number : {ENOSPC, EDQUOT, EIO, EROFS}) {
    SCOPED_TRACE(number);
    system_->write_error = number;
    system_->write_error_from = 2 * kBlockBytes;
    std::vector<lt::storage_error> answers;
    for (int i = 0; i < 4; ++i)
      user_->start_write(user_->block(0, i), user_->content(user_->block(0, i)), answers);
    disk_->submit_jobs();
    const auto hashed = user_->hash(0);
    user_->clear(0);

    ASSERT_EQ(answers.size(), 4U) << "all told before what they lead to";
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(answers[i].ec.value(), i < 2 ? 0 : number);
      if (i < 2) continue;
      EXPECT_EQ(answers[i].operation, lt::operation_t::file_write);
      EXPECT_EQ(answers[i].file(), lt::file_index_t(0));
    }
    EXPECT_EQ(hashed.error.ec, boost::asio::error::operation_aborted)
        << "a piece that is not written has no hash";

    system_->write_error = 0;
    ASSERT_FALSE(user_->write_piece(0));
    EXPECT_EQ(user_->hash(0).leaves, user_->right_leaves(0));
  }
}

TEST_F(DiskBackEnd, TellsWhyAFileCannotBeOpened) {
  spit(root_ / "get" / "b", "a file where a folder belongs");
  const auto error = user_->write_piece(3);
  EXPECT_EQ(error.ec, errc::not_a_directory);
  EXPECT_EQ(error.operation, lt::operation_t::file_open);

  std::filesystem::remove(root_ / "get" / "b");
  user_->clear(3);
  EXPECT_FALSE(user_->write_piece(3));
}

// --- What is read

TEST_F(DiskBackEnd, ReadsSeeWhatIsStillOnItsWay) {
  system_->hold_writes(true);
  std::vector<lt::storage_error> answers;
  const auto request = user_->block(0, 1);
  user_->start_write(request, user_->content(request), answers);
  std::optional<DiskUser::ReadAnswer> answer;
  user_->start_read(request, answer);
  disk_->submit_jobs();
  system_->hold_writes(false);
  user_->run_until([&] { return answer.has_value(); });
  EXPECT_FALSE(answer->error);
  EXPECT_EQ(answer->bytes, user_->content(request));
}

TEST_F(DiskBackEnd, NeverServesWhatWasReadBeforeAWrite) {
  spit(root_ / "get" / "a.bin", std::string(3 * kPiece, 'o'));
  const auto request = user_->block(1, 0);
  EXPECT_EQ(user_->read(request).bytes, std::string(kBlockBytes, 'o'));
  ASSERT_FALSE(user_->write(request, std::string(kBlockBytes, 'n')));
  EXPECT_EQ(user_->read(request).bytes, std::string(kBlockBytes, 'n'));
}

TEST_F(DiskBackEnd, ReadsAChunkOnceForAllItsBlocks) {
  made_.write(root_ / "get");
  std::vector<std::optional<DiskUser::ReadAnswer>> answers(8);
  for (int i = 0; i < 4; ++i) user_->start_read(user_->block(2, i), answers[std::size_t(i)]);
  user_->run_until([&] { return answers[3].has_value(); });
  for (int i = 0; i < 4; ++i) user_->start_read(user_->block(2, i), answers[4 + std::size_t(i)]);
  user_->run_until([&] { return answers[7].has_value(); });

  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(answers[i]->bytes, user_->content(user_->block(2, static_cast<int>(i % 4))));
  EXPECT_EQ(system_->reads, 1);
  EXPECT_EQ(opener_->opened_for_writing, 0) << "a seed opens nothing for writing";
}

TEST_F(DiskBackEnd, ASliceOutlivesWhatItWasCutFrom) {
  made_.write(root_ / "get");
  const auto request = user_->block(0, 0);
  std::optional<lt::disk_buffer_holder> held;
  disk_->async_read(
      user_->storage, request,
      [&](lt::disk_buffer_holder buffer, const lt::storage_error&) { held = std::move(buffer); },
      {});
  user_->run_until([&] { return held.has_value(); });
  ASSERT_FALSE(user_->write(request, std::string(kBlockBytes, 'x')));
  user_->stop();
  EXPECT_EQ(user_->read(request).bytes, std::string(kBlockBytes, 'x'));
  EXPECT_EQ(std::string(held->data(), kBlockBytes), user_->content(request));
}

TEST_F(DiskBackEnd, ReadsBlocksOnTheirOwnWhenAllChunksAreOut) {
  Limits limits;
  limits.read_bytes = 2 * ReadCache::kChunkBytes;
  start(limits, made_);
  made_.write(root_ / "get");
  std::vector<lt::disk_buffer_holder> held;
  for (int piece = 0; piece < 4; ++piece)
    disk_->async_read(user_->storage, user_->block(piece, 1),
                      [&](lt::disk_buffer_holder buffer, const lt::storage_error& error) {
                        EXPECT_FALSE(error);
                        held.push_back(std::move(buffer));
                      },
                      {});
  user_->run_until([&] { return held.size() == 4; });
  std::vector<std::string> bytes;
  for (const auto& buffer : held) bytes.emplace_back(buffer.data(), kBlockBytes);
  for (int piece = 0; piece < 4; ++piece)
    EXPECT_EQ(std::count(bytes.begin(), bytes.end(), user_->content(user_->block(piece, 1))), 1);
  held.clear();
}

TEST_F(DiskBackEnd, AnswersUnalignedRequests) {
  made_.write(root_ / "get");
  for (const lt::peer_request request :
       {lt::peer_request{lt::piece_index_t(0), 1, kBlockBytes},
        lt::peer_request{lt::piece_index_t(1), kPiece - 5, 5},
        lt::peer_request{lt::piece_index_t(3), kBlockBytes + 7, 100}})
    EXPECT_EQ(user_->read(request).bytes, user_->content(request));
}

TEST_F(DiskBackEnd, PadsTheLastBlockOfAFile) {
  // libtorrent 2.0.8 asks for whole blocks.
  const lt::peer_request request{lt::piece_index_t(4), kBlockBytes, kBlockBytes};
  const lt::peer_request beyond{lt::piece_index_t(4), 3 * kBlockBytes, kBlockBytes};
  const auto bytes = user_->content(request);
  ASSERT_EQ(bytes.back(), '\0');
  ASSERT_FALSE(user_->write(user_->block(4, 0), user_->content(user_->block(4, 0))));
  ASSERT_FALSE(user_->write(
      request, bytes.substr(0, 20000 - kBlockBytes) + std::string(2 * kBlockBytes - 20000, 'p')));
  ASSERT_FALSE(user_->write(beyond, std::string(kBlockBytes, 'p')));

  EXPECT_EQ(user_->read(request).bytes, bytes);
  EXPECT_EQ(user_->read(beyond).bytes, std::string(kBlockBytes, '\0'));
  EXPECT_EQ(user_->hash(4).leaves, user_->right_leaves(4));
  EXPECT_EQ(std::filesystem::file_size(root_ / "get/b/c.bin"), kPiece + 20000U);
}

TEST_F(DiskBackEnd, RefusesRequestsThatLieNowhere) {
  for (const lt::peer_request request :
       {lt::peer_request{lt::piece_index_t(-1), 0, 100},
        lt::peer_request{lt::piece_index_t(6), 0, 100},
        lt::peer_request{lt::piece_index_t(0), -1, 100},
        lt::peer_request{lt::piece_index_t(0), 0, 0},
        lt::peer_request{lt::piece_index_t(0), 0, kBlockBytes + 1},
        lt::peer_request{lt::piece_index_t(0), kPiece - 99, 100}}) {
    EXPECT_EQ(user_->read(request).error.ec, errc::invalid_argument);
    EXPECT_EQ(user_->write(request, std::string(kBlockBytes + 1, 'x')).ec, errc::invalid_argument);
  }
}

TEST_F(DiskBackEnd, ATruncatedFileIsAnErrorWhereItEnds) {
  made_.write(root_ / "get");
  std::filesystem::resize_file(root_ / "get" / "a.bin", kPiece + kBlockBytes + 100);

  EXPECT_EQ(user_->read(user_->block(1, 0)).bytes, user_->content(user_->block(1, 0)));
  for (const auto& request : {user_->block(1, 1), user_->block(2, 0)}) {
    const auto answer = user_->read(request);
    EXPECT_EQ(answer.error.ec, lt::errors::file_too_short);
    EXPECT_EQ(answer.error.operation, lt::operation_t::file_read);
  }
  EXPECT_EQ(user_->hash(1).error.ec, lt::errors::file_too_short);

  std::ofstream(root_ / "get" / "a.bin", std::ios::binary) << made_.files[0].content;
  EXPECT_EQ(user_->read(user_->block(2, 0)).bytes, user_->content(user_->block(2, 0)));
}

TEST_F(DiskBackEnd, ABadSectorCostsTheBlocksThatLieOnIt) {
  made_.write(root_ / "get");
  system_->read_error = EIO;
  system_->read_error_from = 2 * kBlockBytes + 512;
  std::vector<std::optional<DiskUser::ReadAnswer>> answers(4);
  for (int i = 0; i < 4; ++i) user_->start_read(user_->block(0, i), answers[std::size_t(i)]);
  user_->run_until([&] { return answers[3].has_value(); });
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(answers[i]->error.ec.value(), i < 2 ? 0 : EIO);
  EXPECT_EQ(user_->hash(0).error.ec.value(), EIO);

  system_->read_error = 0;
  EXPECT_EQ(user_->read(user_->block(0, 3)).bytes, user_->content(user_->block(0, 3)));
}

// --- How files are opened

TEST_F(DiskBackEnd, FollowsNoLinkAndWaitsForNoPipe) {
  std::filesystem::create_directories(root_ / "get");
  spit(root_ / "elsewhere" / "c.bin", "not ours");
  std::filesystem::create_symlink(root_ / "elsewhere", root_ / "get" / "b");
  std::filesystem::create_symlink(root_ / "elsewhere" / "c.bin", root_ / "get" / "a.bin");
  ASSERT_EQ(::mkfifo((root_ / "get" / "d.bin").c_str(), 0600), 0);

  EXPECT_EQ(user_->read(user_->block(0, 0)).error.ec, errc::too_many_symbolic_link_levels);
  EXPECT_TRUE(user_->write_piece(0));
  EXPECT_TRUE(user_->write_piece(3));
  EXPECT_TRUE(user_->read(user_->block(5, 0)).error);
  EXPECT_TRUE(user_->write_piece(5));
  EXPECT_EQ(slurp(root_ / "elsewhere" / "c.bin"), "not ours");
}

TEST_F(DiskBackEnd, KeepsFewFilesOpen) {
  Limits limits;
  limits.open_files = 1;
  start(limits, made_);
  made_.write(root_ / "get");
  for (const int piece : {0, 3, 5, 0}) {
    const auto request = user_->block(piece, 0);
    EXPECT_EQ(user_->read(request).bytes, user_->content(request));
    ASSERT_FALSE(user_->write_piece(piece));
  }
  EXPECT_EQ(opener_->opened_for_writing, 4);
}

// --- Who waits for whom

class Observer final : public lt::disk_observer {
 public:
  void on_disk() override { ++told; }
  int told = 0;
};

TEST_F(DiskBackEnd, StopsPeersWhenTheBuffersAreFullAndForgetsNone) {
  Limits limits;
  limits.write_bytes = 4 * kBlockBytes;
  start(limits, made_);
  system_->hold_writes(true);
  std::vector<lt::storage_error> answers;
  const auto first = std::make_shared<Observer>();
  const auto second = std::make_shared<Observer>();
  auto gone = std::make_shared<Observer>();
  const auto bring = [&](int block, const std::shared_ptr<lt::disk_observer>& observer) {
    const auto request = user_->block(block / 4, block % 4);
    const bool is_full = user_->start_write(request, user_->content(request), answers, observer);
    disk_->submit_jobs();
    return is_full;
  };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(bring(i, first));
  EXPECT_TRUE(bring(3, first));
  EXPECT_TRUE(bring(4, second));
  EXPECT_TRUE(bring(5, gone));
  EXPECT_TRUE(bring(6, nullptr));
  gone.reset();
  EXPECT_EQ(first->told, 0);

  system_->hold_writes(false);
  user_->run_until([&] { return answers.size() == 7 && second->told > 0; });
  EXPECT_EQ(first->told, 1);
  EXPECT_EQ(second->told, 1);
  EXPECT_FALSE(bring(7, first));
  user_->run_until([&] { return answers.size() == 8; });
}

TEST_F(DiskBackEnd, LetsAFullDiskFreeItsBuffers) {
  Limits limits;
  limits.write_bytes = 2 * kBlockBytes;
  start(limits, made_);
  system_->write_error = ENOSPC;
  const auto observer = std::make_shared<Observer>();
  std::vector<lt::storage_error> answers;
  for (int i = 0; i < 4; ++i)
    user_->start_write(user_->block(0, i), user_->content(user_->block(0, i)), answers, observer);
  disk_->submit_jobs();
  user_->run_until([&] { return observer->told > 0; });
  EXPECT_EQ(answers.size(), 4U);
}

TEST_F(DiskBackEnd, StopsAfterAllThatCameBeforeAndBeforeAllThatComesAfter) {
  system_->hold_writes(true);
  std::vector<std::string> order;
  const auto write = [&](int block, const std::string& name) {
    const auto request = user_->block(0, block);
    disk_->async_write(user_->storage, request, user_->content(request).data(), nullptr,
                       [&order, name](const lt::storage_error& error) {
                         EXPECT_FALSE(error);
                         order.push_back(name);
                       },
                       {});
  };
  const auto note = [&](const std::string& name) {
    return [&order, name] { order.push_back(name); };
  };
  write(0, "write 0");
  disk_->async_stop_torrent(user_->storage, note("stop"));
  write(1, "write 1");
  disk_->async_release_files(user_->storage, note("release"));
  disk_->async_clear_piece(user_->storage, lt::piece_index_t(0),
                           [&](lt::piece_index_t) { order.push_back("clear"); });
  system_->hold_writes(false);
  user_->run_until([&] { return order.size() == 5; });

  EXPECT_EQ(order, (std::vector<std::string>{"write 0", "stop", "write 1", "release", "clear"}));
  EXPECT_EQ(opener_->opened_for_writing, 2) << "stop closes the files";
}

TEST_F(DiskBackEnd, LeavesFilesToTheDaemon) {
  made_.write(root_ / "get");
  int refused = 0;
  disk_->async_move_storage(user_->storage, "/elsewhere", lt::move_flags_t::dont_replace,
                            [&](lt::status_t status, const std::string&, const auto& error) {
                              EXPECT_EQ(status, lt::status_t::fatal_disk_error);
                              refused += error.ec == errc::operation_not_supported;
                            });
  disk_->async_rename_file(user_->storage, lt::file_index_t(0), "other",
                           [&](const std::string&, lt::file_index_t, const auto& error) {
                             refused += error.ec == errc::operation_not_supported;
                           });
  disk_->async_delete_files(user_->storage, {}, [&](const lt::storage_error& error) {
    refused += error.ec == errc::operation_not_supported;
  });
  user_->run_until([&] { return refused == 3; });
  EXPECT_TRUE(made_.is_at(root_ / "get"));
}

TEST_F(DiskBackEnd, ComparesLengthsWithWhatIsSaid) {
  const auto check = [&](const lt::add_torrent_params* said) {
    std::optional<lt::status_t> answer;
    disk_->async_check_files(user_->storage, said, {},
                             [&](lt::status_t status, const lt::storage_error& error) {
                               EXPECT_FALSE(error);
                               answer = status;
                             });
    user_->run_until([&] { return answer.has_value(); });
    return *answer;
  };
  lt::add_torrent_params said;
  said.have_pieces.resize(static_cast<int>(made_.piece_count), false);
  EXPECT_EQ(check(nullptr), lt::status_t::no_error) << "nothing is there";
  EXPECT_EQ(check(&said), lt::status_t::no_error);
  said.have_pieces.set_bit(lt::piece_index_t(1));
  EXPECT_EQ(check(&said), lt::status_t::need_full_check);
  spit(root_ / "get" / "a.bin", std::string(2 * kPiece, 'x'));
  EXPECT_EQ(check(&said), lt::status_t::no_error);
  EXPECT_EQ(check(nullptr), lt::status_t::need_full_check) << "nobody said what it is";
  said.flags |= lt::torrent_flags::seed_mode;
  EXPECT_EQ(check(&said), lt::status_t::need_full_check);
  made_.write(root_ / "get");
  EXPECT_EQ(check(&said), lt::status_t::no_error);
}

// --- The end

TEST_F(DiskBackEnd, WritesAllThatCameBeforeItEnds) {
  system_->hold_writes(true);
  std::vector<lt::storage_error> answers;
  for (int i = 0; i < 12; ++i) {
    const auto request = user_->block(i / 4, i % 4);
    user_->start_write(request, user_->content(request), answers);
    if (i == 3) disk_->submit_jobs();
  }
  disk_->abort(/*wait=*/false);
  user_->storage.reset();
  system_->hold_writes(false);
  user_->run_until([&] { return answers.size() == 12; });
  loop_->restart();
  loop_->run_for(std::chrono::seconds{30});
  EXPECT_TRUE(loop_->stopped());
  EXPECT_EQ(slurp(root_ / "get" / "a.bin"), made_.files[0].content);
}

TEST_F(DiskBackEnd, EndsAtOnceWhenItIsToldToWait) {
  std::vector<lt::storage_error> answers;
  for (int i = 0; i < 12; ++i) {
    const auto request = user_->block(i / 4, i % 4);
    user_->start_write(request, user_->content(request), answers);
  }
  disk_->abort(/*wait=*/true);
  EXPECT_EQ(slurp(root_ / "get" / "a.bin"), made_.files[0].content);
  user_->run_until([&] { return answers.size() == 12; });
  const auto request = user_->block(2, 1);
  EXPECT_EQ(user_->read(request).bytes, user_->content(request)) << "late, and done all the same";
}

TEST_F(DiskBackEnd, TellsWhatIsInUse) {
  system_->hold_writes(true);
  std::vector<lt::storage_error> answers;
  user_->start_write(user_->block(0, 0), user_->content(user_->block(0, 0)), answers);
  lt::counters counters;
  disk_->update_stats_counters(counters);
  EXPECT_EQ(counters[lt::counters::disk_blocks_in_use], 1);
  EXPECT_EQ(counters[lt::counters::queued_disk_jobs], 1);
  system_->hold_writes(false);
  disk_->submit_jobs();
  user_->run_until([&] { return !answers.empty(); });
}

}  // namespace
}  // namespace owrd::worker::disk
