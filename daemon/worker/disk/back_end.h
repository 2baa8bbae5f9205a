#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <cstddef>
#include <functional>
#include <libtorrent/disk_interface.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/worker/disk/answers.h"
#include "daemon/worker/disk/disk_thread.h"
#include "daemon/worker/disk/file_opener.h"
#include "daemon/worker/disk/file_system.h"
#include "daemon/worker/disk/reads.h"
#include "daemon/worker/disk/storage.h"
#include "daemon/worker/disk/write_queue.h"

namespace owrd::worker::disk {

struct Limits {
  std::size_t write_bytes = std::size_t{32} * 1024 * 1024;  ///< Arrived and not yet written.
  std::size_t read_bytes = std::size_t{32} * 1024 * 1024;   ///< Read and kept, or being sent.
  std::size_t open_files = 500;  ///< For reading, and as many for writing.
};

/// libtorrent's disk: v2 torrents alone, no mmap, a fixed memory.
///
/// Everything is decided on libtorrent's own thread, where all of this is called and every answer
/// is given: what is queued, what is cached, who waits. Two threads only carry it out, one that
/// reads and one that hashes what arrived and writes it. So a slow write keeps no peer from
/// reading.
///
/// A piece is hashed from the blocks as they arrived, but only when all of them are written: what
/// libtorrent says it has, the kernel has. Making it durable is the daemon's, which alone knows
/// when it wants to rely on it.
///
/// The files belong to the daemon: nothing is moved, renamed or deleted here.
class BackEnd final : public lt::disk_interface, private lt::buffer_allocator_interface {
 public:
  BackEnd(lt::io_context& loop, const Limits& limits, std::unique_ptr<FileSystem> system,
          std::unique_ptr<FileOpener> opener);
  /// Waits for the threads.
  ~BackEnd() override;

  lt::storage_holder new_torrent(const lt::storage_params& params,
                                 const std::shared_ptr<void>& torrent) override;
  void remove_torrent(lt::storage_index_t index) override;

  void async_read(lt::storage_index_t index, const lt::peer_request& request,
                  std::function<void(lt::disk_buffer_holder, const lt::storage_error&)> handler,
                  lt::disk_job_flags_t flags) override;
  bool async_write(lt::storage_index_t index, const lt::peer_request& request, const char* bytes,
                   std::shared_ptr<lt::disk_observer> observer,
                   std::function<void(const lt::storage_error&)> handler,
                   lt::disk_job_flags_t flags) override;
  void async_hash(
      lt::storage_index_t index, lt::piece_index_t piece, lt::span<lt::sha256_hash> leaves,
      lt::disk_job_flags_t flags,
      std::function<void(lt::piece_index_t, const lt::sha1_hash&, const lt::storage_error&)>
          handler) override;
  void async_hash2(
      lt::storage_index_t index, lt::piece_index_t piece, int offset, lt::disk_job_flags_t flags,
      std::function<void(lt::piece_index_t, const lt::sha256_hash&, const lt::storage_error&)>
          handler) override;
  void async_clear_piece(lt::storage_index_t index, lt::piece_index_t piece,
                         std::function<void(lt::piece_index_t)> handler) override;

  void async_check_files(
      lt::storage_index_t index, const lt::add_torrent_params* resume_data,
      lt::aux::vector<std::string, lt::file_index_t> links,
      std::function<void(lt::status_t, const lt::storage_error&)> handler) override;
  void async_stop_torrent(lt::storage_index_t index, std::function<void()> handler) override;
  void async_release_files(lt::storage_index_t index, std::function<void()> handler) override;
  void async_set_file_priority(
      lt::storage_index_t index,
      lt::aux::vector<lt::download_priority_t, lt::file_index_t> priorities,
      std::function<void(const lt::storage_error&,
                         lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
          handler) override;
  void async_move_storage(
      lt::storage_index_t index, std::string path, lt::move_flags_t flags,
      std::function<void(lt::status_t, const std::string&, const lt::storage_error&)> handler)
      override;
  void async_rename_file(
      lt::storage_index_t index, lt::file_index_t file, std::string name,
      std::function<void(const std::string&, lt::file_index_t, const lt::storage_error&)> handler)
      override;
  void async_delete_files(lt::storage_index_t index, lt::remove_flags_t options,
                          std::function<void(const lt::storage_error&)> handler) override;

  void update_stats_counters(lt::counters& counters) const override;
  std::vector<lt::open_file_state> get_status(lt::storage_index_t index) const override;
  void abort(bool wait) override;
  void submit_jobs() override;
  void settings_updated() override {}

 private:
  using OnLeaves = std::function<void(const OpenPieces::Leaves&, const lt::storage_error&)>;
  struct LeafRead;
  struct BlockRange {
    lt::piece_index_t piece;
    int first;
    int max_count;
  };

  std::shared_ptr<Storage> find(lt::storage_index_t index) const;
  template <class Start>
  void enter(const std::shared_ptr<Storage>& storage, Start&& start);
  void enter_alone(const std::shared_ptr<Storage>& storage, std::function<void()> start);
  void leave(Storage& storage);
  void end_when_idle();

  void on_written(Storage& storage, BlockWrite& block);
  void read_when_written(const std::shared_ptr<Storage>& storage, const lt::peer_request& request,
                         Reads::OnRead on_read);
  void free_disk_buffer(char* bytes) override { reads_.give_back(bytes); }
  void find_leaves(const std::shared_ptr<Storage>& storage, const BlockRange& blocks,
                   OnLeaves on_leaves);
  void read_missing(const std::shared_ptr<Storage>& storage, std::shared_ptr<LeafRead> read);
  void finish(Storage& storage, const std::shared_ptr<LeafRead>& read);
  void close_files(const std::shared_ptr<Storage>& storage, std::function<void()> then);
  void refuse(lt::storage_index_t index, lt::operation_t operation,
              std::function<void(const lt::storage_error&)> handler);

  std::unique_ptr<FileSystem> system_;
  std::unique_ptr<FileOpener> opener_;
  std::optional<boost::asio::executor_work_guard<lt::io_context::executor_type>> work_;
  Answers answers_;
  DiskThread reader_;
  DiskThread writer_;
  Reads reads_;
  WriteQueue writes_;
  std::vector<std::shared_ptr<Storage>> storages_;
  bool is_aborted_ = false;
  int operations_ = 0;  ///< Begun and not ended.
};

}  // namespace owrd::worker::disk
