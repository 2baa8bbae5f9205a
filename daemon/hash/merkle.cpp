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

std::vector<Digest> leaves_of(ByteView bytes) {
  std::vector<Digest> leaves;
  leaves.reserve(bytes.size() / kBlockBytes + 1);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(kBlockBytes, bytes.size())))
    leaves.push_back(sha256(bytes.first(std::min<std::size_t>(kBlockBytes, bytes.size()))));
  return leaves;
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
  while (!bytes.empty()) {
    if (block_.empty() && bytes.size() >= kBlockBytes) {
      end_block(bytes.first(kBlockBytes));
      bytes = bytes.subspan(kBlockBytes);
      continue;
    }
    const auto part = bytes.first(std::min(bytes.size(), kBlockBytes - block_.size()));
    block_.insert(block_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (block_.size() < kBlockBytes) continue;
    end_block(block_);
    block_.clear();
  }
}

FileDigests FileHasher::finish() {
  assert(seen_ == file_length_);
  if (!block_.empty()) end_block(block_);
  if (!leaves_.empty()) end_piece();
  FileDigests digests{flat_.finish(), std::nullopt, std::move(layer_)};
  if (!digests.layer.empty()) digests.pieces_root = root_of_layer(digests.layer, piece_length_);
  return digests;
}

void FileHasher::end_block(ByteView block) {
  leaves_.push_back(sha256(block));
  if (leaves_.size() == piece_length_ / kBlockBytes) end_piece();
}

void FileHasher::end_piece() {
  const bool is_only_piece = file_length_ <= piece_length_;
  const auto width = is_only_piece ? std::bit_ceil(leaves_.size()) : piece_length_ / kBlockBytes;
  layer_.push_back(fold(std::exchange(leaves_, {}), width, zero_leaf()));
}

}  // namespace owrd::hash
