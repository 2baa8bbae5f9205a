#include "daemon/hash/layer_hasher.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "daemon/hash/merkle.h"

namespace owrd::hash {

LayerHasher::LayerHasher(std::uint64_t file_length, std::uint64_t piece_length)
    : file_length_(file_length),
      piece_length_(piece_length),
      unit_length_(std::min(piece_length, kChunkBytes)),
      pieces_(static_cast<std::size_t>(piece_count(file_length, piece_length))) {
  const Digest nothing(std::array<std::byte, Digest::kBytes>{});
  units_.assign(static_cast<std::size_t>(piece_count(file_length, unit_length_)),
                Unit{nothing, /*is_known=*/false});
}

void LayerHasher::add(std::uint64_t offset, ByteView chunk) {
  assert(offset % kChunkBytes == 0 && !chunk.empty() && chunk.size() <= kChunkBytes);
  assert(offset + chunk.size() == file_length_ || chunk.size() % unit_length_ == 0);
  auto index = static_cast<std::size_t>(offset / unit_length_);
  if (file_length_ <= unit_length_) {
    units_[index] = {small_file_root(chunk), /*is_known=*/true};
    return;
  }
  for (const auto& digest : piece_hashes(chunk, unit_length_))
    units_[index++] = {digest, /*is_known=*/true};
}

std::optional<Digest> LayerHasher::piece(std::size_t index) const {
  assert(index < pieces_);
  const auto width = static_cast<std::size_t>(piece_length_ / unit_length_);
  const auto end = std::min(units_.size(), (index + 1) * width);
  std::vector<Digest> parts;
  for (auto i = index * width; i < end; ++i) {
    if (!units_[i].is_known) return std::nullopt;
    parts.push_back(units_[i].digest);
  }
  return pieces_ == 1 ? root_of_layer(parts, unit_length_)
                      : join_pieces(parts, unit_length_, piece_length_);
}

}  // namespace owrd::hash
