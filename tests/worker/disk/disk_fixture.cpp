#include "tests/worker/disk/disk_fixture.h"

#include <stdlib.h>

#include <algorithm>
#include <utility>

#include "daemon/hash/sha256.h"
#include "daemon/worker/torrent_plan.h"

namespace owrd::worker::disk {
namespace {

constexpr std::uint64_t kTorrent = 1;

}  // namespace

// --- The system

Moved FaultySystem::read(int fd, std::span<char> into, std::int64_t offset) {
  ++reads;
  if (read_error != 0) {
    if (offset >= read_error_from) return {0, read_error};
    into = into.first(
        std::min<std::size_t>(into.size(), static_cast<std::size_t>(read_error_from - offset)));
  }
  return FileSystem::read(fd, into.first(std::min(into.size(), max_read_bytes.load())), offset);
}

Moved FaultySystem::write(int fd, std::span<const iovec> parts, std::int64_t offset) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_held_; });
  }
  ++writes;
  std::size_t room = max_write_bytes;
  if (write_error != 0) {
    if (offset >= write_error_from) return {0, write_error};
    room = std::min(room, static_cast<std::size_t>(write_error_from - offset));
  }
  std::vector<iovec> fitting;
  for (auto part : parts) {
    part.iov_len = std::min(part.iov_len, room);
    room -= part.iov_len;
    if (part.iov_len > 0) fitting.push_back(part);
  }
  return FileSystem::write(fd, fitting, offset);
}

void FaultySystem::start_writeback(int fd, std::int64_t offset, std::int64_t length) {
  writeback_bytes += length;
  FileSystem::start_writeback(fd, offset, length);
}

void FaultySystem::hold_writes(bool hold) {
  const std::lock_guard lock(mutex_);
  is_held_ = hold;
  changed_.notify_all();
}

NotingOpener::NotingOpener(const swarm::MadeTorrent& made, const std::filesystem::path& directory) {
  auto command = made.add(kTorrent, directory);
  real_.take_places(*command.mutable_add());
}

Descriptor NotingOpener::open(const Layout& layout, lt::file_index_t file, Access access,
                              int& error) {
  ++(access == Access::Read ? opened_for_reading : opened_for_writing);
  v1::SwarmFileRequest request;
  request.set_torrent(layout.torrent());
  request.set_file(layout.file(file).number);
  request.set_write(access == Access::Write);
  auto opened = real_.open(request);
  error = opened.error;
  return std::move(opened.file);
}

// --- The user

DiskUser::DiskUser(lt::io_context& loop_in, lt::disk_interface& disk_in,
                   const swarm::MadeTorrent& made_in, const std::filesystem::path& where)
    : loop(loop_in), disk(disk_in), made(made_in), directory(where.string()) {
  torrent = *load_torrent(made.add(kTorrent, where).add());
  const auto files = list_files(*torrent);
  for (const auto& file : *files) torrent->rename_file(file.index, directory + "/" + file.path);
  const lt::storage_params params(torrent->orig_files(), &torrent->files(), directory,
                                  lt::storage_mode_sparse, priorities, lt::sha1_hash());
  storage = disk.new_torrent(params, torrent);
}

lt::peer_request DiskUser::block(int piece, int block) const {
  const int piece_size = torrent->orig_files().piece_size2(lt::piece_index_t(piece));
  const int start = block * kBlockBytes;
  return {lt::piece_index_t(piece), start, std::min(kBlockBytes, piece_size - start)};
}

std::string DiskUser::content(const lt::peer_request& request) const {
  const auto piece = static_cast<std::uint32_t>(static_cast<int>(request.piece));
  for (const auto& file : made.files) {
    if (piece < file.first_piece || piece >= file.first_piece + file.piece_count) continue;
    const auto begin =
        std::size_t{piece - file.first_piece} * static_cast<std::size_t>(torrent->piece_length()) +
        static_cast<std::size_t>(request.start);
    auto bytes = begin < file.content.size()
                     ? file.content.substr(begin, static_cast<std::size_t>(request.length))
                     : std::string();
    bytes.resize(static_cast<std::size_t>(request.length));
    return bytes;
  }
  return {};
}

bool DiskUser::start_write(const lt::peer_request& request, const std::string& bytes,
                           std::vector<lt::storage_error>& answers,
                           const std::shared_ptr<lt::disk_observer>& observer) {
  return disk.async_write(storage, request, bytes.data(), observer,
                          [&answers](const lt::storage_error& error) { answers.push_back(error); },
                          {});
}

void DiskUser::start_read(const lt::peer_request& request, std::optional<ReadAnswer>& answer) {
  disk.async_read(
      storage, request,
      [&answer, request](const lt::disk_buffer_holder& buffer, const lt::storage_error& error) {
        const auto length = static_cast<std::size_t>(request.length);
        answer = {error, error ? std::string() : std::string(buffer.data(), length)};
      },
      {});
}

void DiskUser::start_hash(int piece, std::optional<HashAnswer>& answer) {
  auto leaves =
      std::make_shared<std::vector<lt::sha256_hash>>(static_cast<std::size_t>(block_count(piece)));
  disk.async_hash(
      storage, lt::piece_index_t(piece),
      {leaves->data(), static_cast<std::ptrdiff_t>(leaves->size())}, {},
      [&answer, leaves](lt::piece_index_t, const lt::sha1_hash&, const lt::storage_error& error) {
        answer = {error, *leaves};
      });
}

lt::storage_error DiskUser::write(const lt::peer_request& request, const std::string& bytes) {
  std::vector<lt::storage_error> answers;
  start_write(request, bytes, answers);
  disk.submit_jobs();
  run_until([&] { return !answers.empty(); });
  return answers.empty() ? lt::storage_error() : answers[0];
}

lt::storage_error DiskUser::write_piece(int piece) {
  for (int i = 0; i < block_count(piece); ++i)
    if (const auto error = write(block(piece, i), content(block(piece, i)))) return error;
  return {};
}

DiskUser::ReadAnswer DiskUser::read(const lt::peer_request& request) {
  std::optional<ReadAnswer> answer;
  start_read(request, answer);
  run_until([&] { return answer.has_value(); });
  return answer.value_or(ReadAnswer{});
}

DiskUser::HashAnswer DiskUser::hash(int piece) {
  std::optional<HashAnswer> answer;
  start_hash(piece, answer);
  run_until([&] { return answer.has_value(); });
  return answer.value_or(HashAnswer{});
}

void DiskUser::clear(int piece) {
  bool is_done = false;
  disk.async_clear_piece(storage, lt::piece_index_t(piece),
                         [&](lt::piece_index_t) { is_done = true; });
  run_until([&] { return is_done; });
}

void DiskUser::stop() {
  bool is_done = false;
  disk.async_stop_torrent(storage, [&] { is_done = true; });
  run_until([&] { return is_done; });
}

void DiskUser::run_until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!done()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no answer came";
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds{50});
  }
}

int DiskUser::block_count(int piece) const {
  return torrent->orig_files().blocks_in_piece2(lt::piece_index_t(piece));
}

std::vector<lt::sha256_hash> DiskUser::right_leaves(int piece) const {
  std::vector<lt::sha256_hash> leaves;
  for (int i = 0; i < block_count(piece); ++i)
    leaves.emplace_back(owrd::hash::sha256(as_bytes(content(block(piece, i)))).to_field().data());
  return leaves;
}

// --- The fixture

DiskTest::DiskTest()
    : made_(swarm::make_torrent({{"a.bin", swarm::make_content(3 * kPiece, 1)},
                                 {"b/c.bin", swarm::make_content(kPiece + 20000, 2)},
                                 {"b/empty", ""},
                                 {"d.bin", swarm::make_content(700, 3)}},
                                kPiece)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "owrd-disk-XXXXXX").string();
  root_ = ::mkdtemp(pattern.data());
  start(Limits(), made_);
}

DiskTest::~DiskTest() {
  finish();
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

void DiskTest::start(const Limits& limits, const swarm::MadeTorrent& made) {
  finish();
  auto system = std::make_unique<FaultySystem>();
  auto opener = std::make_unique<NotingOpener>(made, root_ / "get");
  system_ = system.get();
  opener_ = opener.get();
  loop_ = std::make_unique<lt::io_context>();
  disk_ = std::make_unique<BackEnd>(*loop_, limits, std::move(system), std::move(opener));
  user_ = std::make_unique<DiskUser>(*loop_, *disk_, made, make_save_path(kTorrent));
}

/// As a session ends: everything is answered, and the loop runs out of work.
void DiskTest::finish() {
  if (!disk_) return;
  system_->hold_writes(false);
  user_.reset();
  disk_->abort(/*wait=*/false);
  loop_->restart();
  loop_->run_for(std::chrono::seconds{30});
  EXPECT_TRUE(loop_->stopped()) << "something keeps the loop alive";
  disk_.reset();
  loop_.reset();
}

}  // namespace owrd::worker::disk
