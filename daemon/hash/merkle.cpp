#include "daemon/hash/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <utility>

namespace owrd::hash {
namespace {

Digest zero_leaf() { return Digest(std::array<std::byte, Digest::kBytes>{}); }

Digest parent(const Digest& left, const Digest& right) {
  std::array<std::byte, 2 * Digest::kBytes> both{};
  std::copy(left.bytes().begin(), left.bytes().end(), both.begin());
  std::copy(right.bytes().begin(), right.bytes().end(), both.begin() + Digest::kBytes);
  return sha256(both);
}

/// The root of a balanced tree of `width` nodes, of which all beyond `nodes` are `pad`. Only the
/// given nodes cost time: the padding of a level is one hash.
Digest fold(std::vector<Digest> nodes, std::uint64_t width, Digest pad) {
  assert(!nodes.empty() && std::has_single_bit(width) && nodes.size() <= width);
  for (; width > 1; width /= 2) {
    if (nodes.size() % 2 != 0) nodes.push_back(pad);
    for (std::size_t i = 0; i < nodes.size() / 2; ++i)
      nodes[i] = parent(nodes[2 * i], nodes[2 * i + 1]);
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(nodes.size() / 2), nodes.end());
    pad = parent(pad, pad);
  }
  return nodes.front();
}

/// What a piece of nothing but missing leaves hashes to: it pads the piece layer.
Digest pad_of_layer(std::uint64_t piece_length) {
  Digest pad = zero_leaf();
  for (auto width = piece_length / kBlockBytes; width > 1; width /= 2) pad = parent(pad, pad);
  return pad;
}

/// Adds the hashes of all blocks of `bytes`, of which the last may be short.
void append_leaves(ByteView bytes, std::vector<Digest>& leaves) {
  std::vector<ByteView> blocks;
  blocks.reserve(bytes.size() / kBlockBytes + 1);
  for (; !bytes.empty(); bytes = bytes.subspan(blocks.back().size()))
    blocks.push_back(bytes.first(std::min<std::size_t>(kBlockBytes, bytes.size())));
  const auto before = leaves.size();
  leaves.resize(before + blocks.size(), zero_leaf());
  hash_blocks(blocks, std::span(leaves).subspan(before));
}

std::vector<Digest> leaves_of(ByteView bytes) {
  std::vector<Digest> leaves;
  append_leaves(bytes, leaves);
  return leaves;
}

/// Folds every `width` of `leaves` to the hash of a piece, the last ones with padding.
std::vector<Digest> fold_each(std::span<const Digest> leaves, std::size_t width) {
  std::vector<Digest> pieces;
  pieces.reserve(leaves.size() / width + 1);
  while (!leaves.empty()) {
    const auto count = std::min(width, leaves.size());
    const auto piece = leaves.first(count);
    pieces.push_back(fold({piece.begin(), piece.end()}, width, zero_leaf()));
    leaves = leaves.subspan(count);
  }
  return pieces;
}

}  // namespace

bool is_valid_piece_length(std::uint64_t piece_length) {
  constexpr std::uint64_t kLargest = 128 * 1024 * 1024;
  return std::has_single_bit(piece_length) && piece_length >= kBlockBytes &&
         piece_length <= kLargest;
}

std::uint64_t piece_count(std::uint64_t file_length, std::uint64_t piece_length) {
  assert(is_valid_piece_length(piece_length));
  return file_length / piece_length + (file_length % piece_length != 0 ? 1 : 0);
}

Digest piece_hash(ByteView piece, std::uint64_t piece_length) {
  assert(is_valid_piece_length(piece_length) && !piece.empty() && piece.size() <= piece_length);
  return fold(leaves_of(piece), piece_length / kBlockBytes, zero_leaf());
}

std::vector<Digest> piece_hashes(ByteView bytes, std::uint64_t piece_length) {
  assert(is_valid_piece_length(piece_length) && !bytes.empty());
  return fold_each(leaves_of(bytes), piece_length / kBlockBytes);
}

Digest join_pieces(std::span<const Digest> parts, std::uint64_t part_length,
                   std::uint64_t piece_length) {
  assert(is_valid_piece_length(part_length) && is_valid_piece_length(piece_length) &&
         part_length <= piece_length && !parts.empty());
  return fold({parts.begin(), parts.end()}, piece_length / part_length, pad_of_layer(part_length));
}

Digest small_file_root(ByteView bytes) {
  assert(!bytes.empty());
  auto leaves = leaves_of(bytes);
  const auto width = std::bit_ceil(leaves.size());
  return fold(std::move(leaves), width, zero_leaf());
}

Digest root_of_layer(const std::vector<Digest>& layer, std::uint64_t piece_length) {
  assert(is_valid_piece_length(piece_length) && !layer.empty());
  return fold(layer, std::bit_ceil(layer.size()), pad_of_layer(piece_length));
}

FileHasher::FileHasher(std::uint64_t file_length, std::uint64_t piece_length)
    : file_length_(file_length), piece_length_(piece_length) {
  assert(is_valid_piece_length(piece_length));
  block_.reserve(kBlockBytes);
}

void FileHasher::update(ByteView bytes) {
  assert(bytes.size() <= file_length_ - seen_);
  flat_.update(bytes);
  seen_ += bytes.size();
  if (!block_.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kBlockBytes - block_.size()));
    block_.insert(block_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (block_.size() < kBlockBytes) return;
    append_leaves(std::exchange(block_, {}), leaves_);
  }
  const auto whole = bytes.size() - bytes.size() % kBlockBytes;
  append_leaves(bytes.first(whole), leaves_);
  const auto rest = bytes.subspan(whole);
  block_.assign(rest.begin(), rest.end());
  end_pieces(leaves_.size() - leaves_.size() % leaves_per_piece());
}

FileDigests FileHasher::finish() {
  assert(seen_ == file_length_);
  append_leaves(block_, leaves_);
  if (file_length_ <= piece_length_ && !leaves_.empty()) {
    const auto width = std::bit_ceil(leaves_.size());
    layer_.push_back(fold(std::exchange(leaves_, {}), width, zero_leaf()));
  }
  end_pieces(leaves_.size());
  FileDigests digests{flat_.finish(), std::nullopt, std::move(layer_)};
  if (!digests.layer.empty()) digests.pieces_root = root_of_layer(digests.layer, piece_length_);
  return digests;
}

void FileHasher::end_pieces(std::size_t leaves) {
  const auto pieces = fold_each(std::span(leaves_).first(leaves), leaves_per_piece());
  layer_.insert(layer_.end(), pieces.begin(), pieces.end());
  leaves_.erase(leaves_.begin(), leaves_.begin() + static_cast<std::ptrdiff_t>(leaves));
}

}  // namespace owrd::hash
