// Whatever parses as a magnet link prints as one that says the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/release/torrent.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::release;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto magnet = parse_magnet(text);
  if (!magnet) return 0;

  const auto printed = to_string(*magnet);
  // Escapes can make a link longer than a link may be.
  if (printed.size() > size && printed.size() > 64 * 1024) return 0;
  const auto again = parse_magnet(printed);
  if (!again || again->infohash != magnet->infohash || again->name != magnet->name ||
      again->peers != magnet->peers || again->trackers != magnet->trackers)
    std::abort();
  return 0;
}
