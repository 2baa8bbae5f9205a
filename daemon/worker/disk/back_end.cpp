#include "daemon/worker/disk/back_end.h"

#include <algorithm>
#include <cerrno>
#include <libtorrent/performance_counters.hpp>
#include <utility>

#include "daemon/worker/disk/checking.h"
#include "daemon/worker/disk/reading.h"

namespace owrd::worker::disk {

struct BackEnd::LeafRead {
  std::shared_ptr<const Layout> layout;
  Layout::Place place;
  OnLeaves on_leaves;
  OpenPieces::Leaves leaves = {};
  lt::storage_error error = {};
};

namespace {

lt::storage_error make_error(boost::system::errc::errc_t number, lt::operation_t operation) {
  return {lt::error_code(make_error_code(number)), operation};
}

/// libtorrent asks for something that no v2 torrent has.
lt::storage_error not_there() {
  return make_error(boost::system::errc::invalid_argument, lt::operation_t::unknown);
}

/// Passed over in silence: the failed write, which came first, said it all.
lt::storage_error not_written() {
  return {lt::error_code(boost::asio::error::operation_aborted), lt::operation_t::file_write};
}

struct Check {
  NeededBytes needed;
  std::function<void(lt::status_t, const lt::storage_error&)> handler;
  lt::status_t status = lt::status_t::no_error;
  lt::storage_error error = {};
};

std::size_t to_slot(lt::storage_index_t index) {
  return static_cast<std::size_t>(static_cast<std::uint32_t>(index));
}

}  // namespace

BackEnd::BackEnd(lt::io_context& loop, const Limits& limits, std::unique_ptr<FileSystem> system,
                 std::unique_ptr<FileOpener> opener)
    : system_(std::move(system)),
      opener_(std::move(opener)),
      work_(loop.get_executor()),
      answers_(loop),
      reader_(loop, OpenFiles(*system_, *opener_, Access::Read, limits.open_files)),
      writer_(loop, OpenFiles(*system_, *opener_, Access::Write, limits.open_files)),
      reads_(limits.read_bytes, reader_),
      writes_(limits.write_bytes, writer_, answers_,
              [this](Storage& storage, BlockWrite& block) { on_written(storage, block); }) {}

BackEnd::~BackEnd() { abort(/*wait=*/true); }

// --- Torrents, and who goes first

lt::storage_holder BackEnd::new_torrent(const lt::storage_params& params,
                                        const std::shared_ptr<void>& /*torrent*/) {
  auto storage = std::make_shared<Storage>();
  storage->layout = std::make_shared<const Layout>(params);
  auto slot = std::find(storages_.begin(), storages_.end(), nullptr);
  if (slot == storages_.end()) slot = storages_.insert(slot, nullptr);
  *slot = std::move(storage);
  return {lt::storage_index_t(static_cast<std::uint32_t>(slot - storages_.begin())), *this};
}

void BackEnd::remove_torrent(lt::storage_index_t index) {
  const auto storage = std::exchange(storages_[to_slot(index)], nullptr);
  enter_alone(storage,
              [this, storage] { close_files(storage, [this, storage] { leave(*storage); }); });
}

std::shared_ptr<Storage> BackEnd::find(lt::storage_index_t index) const {
  return storages_[to_slot(index)];
}

template <class Start>
void BackEnd::enter(const std::shared_ptr<Storage>& storage, Start&& start) {
  ++operations_;
  storage->fence.enter(std::forward<Start>(start));
}

void BackEnd::enter_alone(const std::shared_ptr<Storage>& storage, std::function<void()> start) {
  ++operations_;
  // What waits to be written is before it.
  writes_.submit();
  storage->fence.enter_alone(std::move(start));
}

void BackEnd::leave(Storage& storage) {
  --operations_;
  storage.fence.leave();
  // For those that it let in.
  writes_.submit();
  end_when_idle();
}

void BackEnd::end_when_idle() {
  if (!is_aborted_ || operations_ > 0) return;
  reader_.stop();
  writer_.stop();
  work_.reset();
}

void BackEnd::submit_jobs() { writes_.submit(); }

void BackEnd::abort(bool wait) {
  is_aborted_ = true;
  writes_.submit();
  end_when_idle();
  if (!wait) return;
  // From here on whatever still comes is done at once.
  reader_.stop();
  writer_.stop();
  reader_.join();
  writer_.join();
}

// --- Blocks

void BackEnd::async_read(
    lt::storage_index_t index, const lt::peer_request& request,
    std::function<void(lt::disk_buffer_holder, const lt::storage_error&)> handler,
    lt::disk_job_flags_t /*flags*/) {
  const auto storage = find(index);
  if (!storage->layout->locate(request))
    return answers_.add([handler = std::move(handler)] { handler({}, not_there()); });
  auto on_read = [this, storage, length = request.length, handler = std::move(handler)](
                     char* bytes, const lt::storage_error& error) mutable {
    answers_.add([this, handler = std::move(handler), bytes, length, error] {
      handler(lt::disk_buffer_holder(*this, bytes, length), error);
    });
    leave(*storage);
  };
  enter(storage, [this, storage, request, on_read = std::move(on_read)]() mutable {
    read_when_written(storage, request, std::move(on_read));
  });
}

void BackEnd::read_when_written(const std::shared_ptr<Storage>& storage,
                                const lt::peer_request& request, Reads::OnRead on_read) {
  if (!storage->pieces.is_writing(request.piece))
    return reads_.read(storage->layout, request, std::move(on_read));
  storage->pieces.when_written(request.piece,
                               [this, storage, request, on_read = std::move(on_read)] {
                                 reads_.read(storage->layout, request, on_read);
                               });
}

bool BackEnd::async_write(lt::storage_index_t index, const lt::peer_request& request,
                          const char* bytes, std::shared_ptr<lt::disk_observer> observer,
                          std::function<void(const lt::storage_error&)> handler,
                          lt::disk_job_flags_t /*flags*/) {
  const auto storage = find(index);
  const auto place = storage->layout->locate(request);
  if (!place || place->length == 0) {
    const auto error = place ? lt::storage_error() : not_there();
    answers_.add([handler = std::move(handler), error] { handler(error); });
    return false;
  }
  BlockWrite block{request.piece, request.start / kBlockBytes,
                   place->offset, writes_.copy(bytes, place->length),
                   place->length, std::move(handler)};
  enter(storage, [this, storage, file = place->file, block = std::move(block)]() mutable {
    reads_.forget(*storage->layout, block.piece);
    storage->pieces.begin_write(block.piece);
    writes_.add(storage, file, std::move(block));
  });
  return writes_.is_full(observer);
}

void BackEnd::on_written(Storage& storage, BlockWrite& block) {
  answers_.add([handler = std::move(block.handler), error = block.error] { handler(error); });
  storage.pieces.end_write(block.piece, block.block, block.leaf);
  leave(storage);
}

// --- Pieces

/// Gives the leaves of some blocks of a piece, once all that came of it is written.
void BackEnd::find_leaves(const std::shared_ptr<Storage>& storage, const BlockRange& blocks,
                          OnLeaves on_leaves) {
  const auto place = storage->layout->locate(blocks.piece);
  const int begin = blocks.first * kBlockBytes;
  if (!place || blocks.first < 0 || begin >= place->length)
    return answers_.add([on_leaves = std::move(on_leaves)] { on_leaves({}, not_there()); });
  auto read = std::make_shared<LeafRead>();
  read->layout = storage->layout;
  read->place = {place->file, place->offset + begin,
                 std::min(place->length - begin, blocks.max_count * kBlockBytes), 0};
  read->on_leaves = std::move(on_leaves);
  enter(storage, [this, storage, blocks, read] {
    storage->pieces.when_written(blocks.piece, [this, storage, blocks, read] {
      if (storage->pieces.has_failed(blocks.piece)) read->error = not_written();
      read->leaves =
          storage->pieces.leaves(blocks.piece, blocks.first, count_blocks(read->place.length));
      const bool is_complete =
          std::find(read->leaves.begin(), read->leaves.end(), std::nullopt) == read->leaves.end();
      if (is_complete || read->error) return finish(*storage, read);
      read_missing(storage, read);
    });
  });
}

void BackEnd::read_missing(const std::shared_ptr<Storage>& storage,
                           std::shared_ptr<LeafRead> read) {
  reader_.run([this, storage, read = std::move(read)](OpenFiles& files) mutable {
    read_leaves(read->layout, read->place, read->leaves, files, read->error);
    // What libtorrent gave must end on libtorrent's thread: nothing of it stays here.
    return [this, storage = std::move(storage), read = std::move(read)] { finish(*storage, read); };
  });
}

void BackEnd::finish(Storage& storage, const std::shared_ptr<LeafRead>& read) {
  answers_.add([read] { read->on_leaves(read->leaves, read->error); });
  leave(storage);
}

void BackEnd::async_hash(
    lt::storage_index_t index, lt::piece_index_t piece, lt::span<lt::sha256_hash> leaves,
    lt::disk_job_flags_t /*flags*/,
    std::function<void(lt::piece_index_t, const lt::sha1_hash&, const lt::storage_error&)>
        handler) {
  const auto storage = find(index);
  find_leaves(storage, {piece, 0, static_cast<int>(leaves.size())},
              [storage, piece, leaves, handler = std::move(handler)](
                  const OpenPieces::Leaves& found, const lt::storage_error& error) {
                for (std::size_t i = 0; i < found.size(); ++i)
                  if (found[i]) leaves[static_cast<std::ptrdiff_t>(i)] = *found[i];
                // It passes, or is cleared and comes again.
                if (!error) storage->pieces.close(piece);
                handler(piece, {}, error);
              });
}

void BackEnd::async_hash2(
    lt::storage_index_t index, lt::piece_index_t piece, int offset, lt::disk_job_flags_t /*flags*/,
    std::function<void(lt::piece_index_t, const lt::sha256_hash&, const lt::storage_error&)>
        handler) {
  find_leaves(find(index), {piece, offset / kBlockBytes, 1},
              [piece, handler = std::move(handler)](const OpenPieces::Leaves& found,
                                                    const lt::storage_error& error) {
                const bool is_known = !found.empty() && found.front();
                handler(piece, is_known ? *found.front() : lt::sha256_hash(), error);
              });
}

void BackEnd::async_clear_piece(lt::storage_index_t index, lt::piece_index_t piece,
                                std::function<void(lt::piece_index_t)> handler) {
  const auto storage = find(index);
  auto clear = [this, storage, piece, handler = std::move(handler)] {
    storage->pieces.close(piece);
    answers_.add([handler, piece] { handler(piece); });
    leave(*storage);
  };
  enter(storage,
        [storage, piece, clear = std::move(clear)] { storage->pieces.when_written(piece, clear); });
}

// --- Whole torrents

/// On both threads; `then` on this one.
void BackEnd::close_files(const std::shared_ptr<Storage>& storage, std::function<void()> then) {
  reads_.forget(*storage->layout);
  reads_.trim();
  writes_.trim();
  reader_.run([this, storage, then = std::move(then)](OpenFiles& files) mutable {
    files.close(*storage->layout);
    return [this, storage = std::move(storage), then = std::move(then)] {
      writer_.run([storage, then](OpenFiles& written) mutable {
        written.close(*storage->layout);
        return [storage = std::move(storage), then = std::move(then)] { then(); };
      });
    };
  });
}

void BackEnd::async_release_files(lt::storage_index_t index, std::function<void()> handler) {
  const auto storage = find(index);
  enter_alone(storage, [this, storage, handler = std::move(handler)] {
    close_files(storage, [this, storage, handler] {
      if (handler) answers_.add(handler);
      leave(*storage);
    });
  });
}

void BackEnd::async_stop_torrent(lt::storage_index_t index, std::function<void()> handler) {
  async_release_files(index, std::move(handler));
}

void BackEnd::async_check_files(
    lt::storage_index_t index, const lt::add_torrent_params* resume_data,
    lt::aux::vector<std::string, lt::file_index_t> /*links*/,
    std::function<void(lt::status_t, const lt::storage_error&)> handler) {
  const auto storage = find(index);
  auto check = std::make_shared<Check>();
  check->needed = needed_bytes(resume_data, *storage->layout);
  check->handler = std::move(handler);
  enter_alone(storage, [this, storage, check] {
    reader_.run([this, storage, check](OpenFiles& files) mutable {
      check->status = check_files(storage->layout, check->needed, files, check->error);
      return [this, storage = std::move(storage), check = std::move(check)] {
        answers_.add([check] { check->handler(check->status, check->error); });
        leave(*storage);
      };
    });
  });
}

/// Every file is sparse and lies where it belongs, wanted or not.
void BackEnd::async_set_file_priority(
    lt::storage_index_t /*index*/,
    lt::aux::vector<lt::download_priority_t, lt::file_index_t> priorities,
    std::function<void(const lt::storage_error&,
                       lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
        handler) {
  answers_.add([handler = std::move(handler), priorities = std::move(priorities)] {
    handler({}, priorities);
  });
}

/// For what only the daemon does.
void BackEnd::refuse(lt::storage_index_t index, lt::operation_t operation,
                     std::function<void(const lt::storage_error&)> handler) {
  const auto storage = find(index);
  enter_alone(storage, [this, storage, operation, handler = std::move(handler)] {
    answers_.add([operation, handler] {
      handler(make_error(boost::system::errc::operation_not_supported, operation));
    });
    leave(*storage);
  });
}

void BackEnd::async_move_storage(
    lt::storage_index_t index, std::string path, lt::move_flags_t /*flags*/,
    std::function<void(lt::status_t, const std::string&, const lt::storage_error&)> handler) {
  refuse(index, lt::operation_t::file_rename,
         [path = std::move(path), handler = std::move(handler)](const lt::storage_error& error) {
           handler(lt::status_t::fatal_disk_error, path, error);
         });
}

void BackEnd::async_rename_file(
    lt::storage_index_t index, lt::file_index_t file, std::string name,
    std::function<void(const std::string&, lt::file_index_t, const lt::storage_error&)> handler) {
  refuse(index, lt::operation_t::file_rename,
         [file, name = std::move(name), handler = std::move(handler)](
             const lt::storage_error& error) { handler(name, file, error); });
}

void BackEnd::async_delete_files(lt::storage_index_t index, lt::remove_flags_t /*options*/,
                                 std::function<void(const lt::storage_error&)> handler) {
  refuse(index, lt::operation_t::file_remove, std::move(handler));
}

void BackEnd::update_stats_counters(lt::counters& counters) const {
  counters.set_value(lt::counters::disk_blocks_in_use,
                     static_cast<std::int64_t>(writes_.buffers_in_use()));
  counters.set_value(lt::counters::queued_disk_jobs, operations_);
}

/// Told by the disk threads alone, who are not asked.
std::vector<lt::open_file_state> BackEnd::get_status(lt::storage_index_t /*index*/) const {
  return {};
}

}  // namespace owrd::worker::disk
