#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <libtorrent/io_context.hpp>
#include <libtorrent/torrent_info.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/swarm/file_service.h"
#include "daemon/worker/disk/back_end.h"
#include "tests/support/made_torrent.h"

namespace owrd::worker::disk {

/// The real file system, some of which is refused.
class FaultySystem final : public FileSystem {
 public:
  Moved read(int fd, std::span<char> into, std::int64_t offset) override;
  Moved write(int fd, std::span<const iovec> parts, std::int64_t offset) override;
  void start_writeback(int fd, std::int64_t offset, std::int64_t length) override;

  /// While true, write() waits.
  void hold_writes(bool hold);

  std::atomic<int> write_error{0};
  std::atomic<std::int64_t> write_error_from{0};  ///< Offset in any file.
  std::atomic<std::size_t> max_write_bytes{SIZE_MAX};
  std::atomic<int> read_error{0};
  std::atomic<std::int64_t> read_error_from{0};
  std::atomic<std::size_t> max_read_bytes{SIZE_MAX};
  std::atomic<int> reads{0};
  std::atomic<int> writes{0};
  std::atomic<std::int64_t> writeback_bytes{0};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
};

/// Opens as the daemon does, and notes for what.
class NotingOpener final : public FileOpener {
 public:
  /// The files lie in `directory` at their own paths.
  NotingOpener(const swarm::MadeTorrent& made, const std::filesystem::path& directory);
  Descriptor open(const Layout& layout, lt::file_index_t file, Access access, int& error) override;

  std::atomic<int> opened_for_reading{0};
  std::atomic<int> opened_for_writing{0};

 private:
  swarm::FileService real_;
};

/// libtorrent's view of a disk: calls it, and runs the loop that it answers on.
class DiskUser {
 public:
  struct ReadAnswer {
    lt::storage_error error;
    std::string bytes;
  };
  struct HashAnswer {
    lt::storage_error error;
    std::vector<lt::sha256_hash> leaves;
  };

  /// The files lie in `directory` at their own paths, as libtorrent says.
  DiskUser(lt::io_context& loop, lt::disk_interface& disk, const swarm::MadeTorrent& made,
           const std::filesystem::path& directory);

  lt::peer_request block(int piece, int block) const;
  /// The bytes of a request, padding included.
  std::string content(const lt::peer_request& request) const;

  /// The answers come when the loop is run.
  bool start_write(const lt::peer_request& request, const std::string& bytes,
                   std::vector<lt::storage_error>& answers,
                   const std::shared_ptr<lt::disk_observer>& observer = nullptr);
  void start_read(const lt::peer_request& request, std::optional<ReadAnswer>& answer);
  void start_hash(int piece, std::optional<HashAnswer>& answer);

  lt::storage_error write(const lt::peer_request& request, const std::string& bytes);
  /// All blocks of the piece with their right bytes; the first error.
  lt::storage_error write_piece(int piece);
  ReadAnswer read(const lt::peer_request& request);
  HashAnswer hash(int piece);
  void clear(int piece);
  void stop();

  /// Runs the loop until `done`; fails the test after 30 s.
  void run_until(const std::function<bool()>& done);

  int block_count(int piece) const;
  /// What hash() is to give.
  std::vector<lt::sha256_hash> right_leaves(int piece) const;

  lt::io_context& loop;
  lt::disk_interface& disk;
  const swarm::MadeTorrent& made;
  std::shared_ptr<lt::torrent_info> torrent;
  lt::aux::vector<lt::download_priority_t, lt::file_index_t> priorities;
  std::string directory;
  lt::storage_holder storage;
};

/// A directory of the test's own, a torrent of three files and an empty one, and the back end.
class DiskTest : public ::testing::Test {
 protected:
  static constexpr int kPiece = 64 * 1024;

  DiskTest();
  ~DiskTest() override;

  /// With smaller limits, or on another torrent.
  void start(const Limits& limits, const swarm::MadeTorrent& made);
  void finish();

  std::filesystem::path root_;
  swarm::MadeTorrent made_;
  FaultySystem* system_ = nullptr;
  NotingOpener* opener_ = nullptr;
  std::unique_ptr<lt::io_context> loop_;
  std::unique_ptr<BackEnd> disk_;
  std::unique_ptr<DiskUser> user_;
};

}  // namespace owrd::worker::disk
