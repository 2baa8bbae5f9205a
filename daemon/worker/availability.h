#pragma once

#include <cstdint>
#include <libtorrent/bitfield.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/units.hpp>
#include <optional>
#include <vector>

namespace owrd::worker {

using Pieces = lt::typed_bitfield<lt::piece_index_t>;

/// What the connected peers hold together.
struct Availability {
  /// Distributed copies times 1000: the whole part is how often the rarest piece is there, the rest
  /// how many per mille of the pieces are there more often.
  std::uint32_t permille = 0;
  /// The first piece of `missing_from` that nobody has.
  std::optional<std::uint32_t> missing_piece;
};

/// @param missing_from Pieces that are wanted and not had.
Availability measure_availability(const std::vector<lt::peer_info>& peers, int piece_count,
                                  const Pieces& missing_from);

}  // namespace owrd::worker
