#include "daemon/worker/availability.h"

#include <algorithm>

namespace owrd::worker {

Availability measure_availability(const std::vector<lt::peer_info>& peers, int piece_count,
                                  const Pieces& missing_from) {
  Availability result;
  if (piece_count <= 0) return result;
  std::uint32_t seeds = 0;
  std::vector<std::uint32_t> copies(static_cast<std::size_t>(piece_count), 0);
  for (const auto& peer : peers) {
    if (peer.flags & lt::peer_info::seed) {
      ++seeds;
      continue;
    }
    if (peer.pieces.size() != piece_count) continue;
    for (int piece = 0; piece < piece_count; ++piece)
      if (peer.pieces[lt::piece_index_t(piece)]) ++copies[static_cast<std::size_t>(piece)];
  }

  const std::uint32_t rarest = *std::min_element(copies.begin(), copies.end());
  const auto more = std::count_if(copies.begin(), copies.end(),
                                  [rarest](std::uint32_t count) { return count > rarest; });
  result.permille = (seeds + rarest) * 1000 + static_cast<std::uint32_t>(more * 1000 / piece_count);
  if (seeds > 0) return result;
  const int limit = std::min(piece_count, missing_from.size());
  for (int piece = 0; piece < limit; ++piece) {
    if (!missing_from[lt::piece_index_t(piece)] || copies[static_cast<std::size_t>(piece)] > 0)
      continue;
    result.missing_piece = static_cast<std::uint32_t>(piece);
    break;
  }
  return result;
}

}  // namespace owrd::worker
