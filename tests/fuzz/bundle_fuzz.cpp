// Whatever parses as a bundle is, byte for byte, how that bundle is written.
#include <cstdint>
#include <cstdlib>

#include "daemon/release/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto bundle = owrd::release::parse_bundle(bytes);
  if (bundle && owrd::release::encode_bundle(*bundle) != owrd::to_bytes(bytes)) std::abort();
  return 0;
}
