#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGB = 1'000'000'000;
constexpr std::uint64_t kOwnFiles = 2;  // release.owrd and layers.owrd.

std::uint64_t by_size(std::uint64_t total_bytes) {
  if (total_bytes < 4 * kGB) return 1 * kMiB;
  if (total_bytes <= 64 * kGB) return 4 * kMiB;
  if (total_bytes <= 1000 * kGB) return 8 * kMiB;
  return 16 * kMiB;
}

}  // namespace

std::uint64_t choose_piece_length(std::uint64_t total_bytes, std::uint64_t files) {
  auto piece_length = by_size(total_bytes);
  while (piece_length > 16 * kKiB && files + kOwnFiles >= 2048 * kMiB / piece_length)
    piece_length /= 2;
  return piece_length;
}

}  // namespace owrd::release
