#include "daemon/worker/disk/open_pieces.h"

#include <utility>

namespace owrd::worker::disk {

void OpenPieces::begin_write(lt::piece_index_t piece) { ++pieces_[piece].writing; }

void OpenPieces::end_write(lt::piece_index_t piece, int block,
                           const std::optional<lt::sha256_hash>& leaf) {
  auto& open = pieces_.at(piece);
  const auto index = static_cast<std::size_t>(block);
  if (open.leaves.size() <= index) open.leaves.resize(index + 1);
  open.leaves[index] = leaf;
  if (!leaf) open.has_failed = true;
  if (--open.writing > 0) return;
  // Any of them may close the piece.
  for (const auto& then : std::exchange(open.waiting, {})) then();
}

bool OpenPieces::is_writing(lt::piece_index_t piece) const {
  const auto found = pieces_.find(piece);
  return found != pieces_.end() && found->second.writing > 0;
}

void OpenPieces::when_written(lt::piece_index_t piece, std::function<void()> then) {
  if (!is_writing(piece)) return then();
  pieces_.at(piece).waiting.push_back(std::move(then));
}

bool OpenPieces::has_failed(lt::piece_index_t piece) const {
  const auto found = pieces_.find(piece);
  return found != pieces_.end() && found->second.has_failed;
}

OpenPieces::Leaves OpenPieces::leaves(lt::piece_index_t piece, int first_block,
                                      int block_count) const {
  Leaves leaves(static_cast<std::size_t>(block_count));
  const auto found = pieces_.find(piece);
  if (found == pieces_.end()) return leaves;
  const auto& known = found->second.leaves;
  for (std::size_t i = 0, block = static_cast<std::size_t>(first_block);
       i < leaves.size() && block < known.size(); ++i, ++block)
    leaves[i] = known[block];
  return leaves;
}

void OpenPieces::close(lt::piece_index_t piece) {
  if (!is_writing(piece)) pieces_.erase(piece);
}

}  // namespace owrd::worker::disk
