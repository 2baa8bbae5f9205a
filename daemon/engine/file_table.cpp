#include "daemon/engine/file_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace owrd::engine {

FileTable::FileTable(const release::Torrent& torrent, const std::vector<bool>& wanted,
                     const std::vector<store::StoredFile>& stored)
    : torrent_(torrent) {
  assert(wanted.size() == torrent.files.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto pieces = torrent.files[i].piece_count;
    states_.push_back({wanted[i], false, {}, {}, Bitmap(pieces), Bitmap(pieces), std::nullopt});
  }
  for (const auto& file : stored) {
    if (file.index >= states_.size()) continue;
    auto& state = states_[file.index];
    state.is_verified = file.verified;
    state.identity = {file.device, file.inode, file.size, file.modified_ns};
    state.durable = Bitmap(torrent.files[file.index].piece_count, file.have);
    state.arrived = state.durable;
  }
}

void FileTable::set_wanted(const std::vector<bool>& wanted) {
  assert(wanted.size() == states_.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) states_[i].is_wanted = wanted[i];
}

std::size_t FileTable::file_of(std::uint32_t piece) const {
  const auto after = std::upper_bound(torrent_.files.begin(), torrent_.files.end(), piece,
                                      [](std::uint32_t value, const release::TorrentFile& file) {
                                        return value < file.first_piece;
                                      });
  auto index = static_cast<std::size_t>(after - torrent_.files.begin());
  // Empty files share their first piece's number with the file that follows them.
  do --index;
  while (torrent_.files[index].piece_count == 0);
  return index;
}

std::optional<std::size_t> FileTable::arrive(std::uint32_t piece) {
  if (piece >= torrent_.piece_count) return std::nullopt;
  const auto index = file_of(piece);
  auto& arrived = states_[index].arrived;
  const bool was_complete = arrived.all();
  arrived.set(piece - torrent_.files[index].first_piece);
  if (was_complete || !arrived.all()) return std::nullopt;
  return index;
}

void FileTable::set_staged(std::size_t index, std::uint32_t piece) {
  states_[index].arrived.set(piece);
  states_[index].durable.set(piece);
}

void FileTable::forget_what_is_not_durable() {
  for (auto& state : states_) state.arrived = state.durable;
}

void FileTable::set_verified(std::size_t index, const content::FileIdentity& identity) {
  auto& state = states_[index];
  state.is_verified = true;
  state.identity = identity;
  state.damage.clear();
  state.checked.reset();
  state.arrived.set_all();
  state.durable.set_all();
}

void FileTable::set_bad(std::size_t index, const std::vector<std::uint32_t>& bad_pieces) {
  auto& state = states_[index];
  state.is_verified = false;
  state.damage.clear();
  state.checked.reset();
  state.arrived.set_all();
  for (const auto piece : bad_pieces) state.arrived.clear(piece);
  state.durable = state.arrived;
}

void FileTable::set_missing(std::size_t index) {
  auto& state = states_[index];
  state.is_verified = false;
  state.damage.clear();
  state.checked.reset();
  state.arrived.clear_all();
  state.durable.clear_all();
}

void FileTable::set_damaged(std::size_t index, std::string damage,
                            const content::FileIdentity& identity) {
  auto& state = states_[index];
  state.is_verified = false;
  state.damage = std::move(damage);
  state.identity = identity;
}

bool FileTable::is_all_verified() const {
  return std::all_of(states_.begin(), states_.end(),
                     [](const FileState& state) { return state.is_verified || !state.is_wanted; });
}

std::vector<std::size_t> FileTable::wanted_unverified() const {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i].is_wanted && !states_[i].is_verified) indices.push_back(i);
  return indices;
}

std::uint64_t FileTable::bytes_here(std::size_t index) const {
  const auto& file = torrent_.files[index];
  const auto& state = states_[index];
  if (state.is_verified) return file.length;
  if (!state.damage.empty() || file.piece_count == 0) return 0;
  auto bytes = std::uint64_t{state.arrived.count()} * torrent_.piece_length;
  const auto last = file.piece_count - 1;
  if (state.arrived.test(last))
    bytes -= torrent_.piece_length - (file.length - std::uint64_t{last} * torrent_.piece_length);
  return bytes;
}

std::uint64_t FileTable::bytes_wanted() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i].is_wanted) bytes += torrent_.files[i].length;
  return bytes;
}

std::uint64_t FileTable::bytes_wanted_here() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i].is_wanted) bytes += bytes_here(i);
  return bytes;
}

Bitmap FileTable::staged_pieces() const {
  Bitmap pieces(torrent_.piece_count);
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (!states_[i].is_verified && states_[i].damage.empty())
      pieces.merge(torrent_.files[i].first_piece, states_[i].durable);
  return pieces;
}

Bitmap FileTable::verified_pieces() const {
  Bitmap pieces(torrent_.piece_count);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (!states_[i].is_verified) continue;
    Bitmap all(torrent_.files[i].piece_count);
    all.set_all();
    pieces.merge(torrent_.files[i].first_piece, all);
  }
  return pieces;
}

store::StoredFile FileTable::row(std::size_t index) const {
  const auto& state = states_[index];
  store::StoredFile row;
  row.index = static_cast<std::uint32_t>(index);
  row.have = state.durable.bytes();
  row.verified = state.is_verified;
  row.device = state.identity.device;
  row.inode = state.identity.inode;
  row.size = state.identity.size;
  row.modified_ns = state.identity.modified_ns;
  return row;
}

std::vector<store::StoredFile> FileTable::rows() const {
  std::vector<store::StoredFile> rows;
  for (std::size_t i = 0; i < states_.size(); ++i) rows.push_back(row(i));
  return rows;
}

}  // namespace owrd::engine
