// What is decompressed is never over its limit, and survives being compressed again; and any bytes
// come back whole from being compressed, exactly up to the limit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/control/gzip.h"

namespace {

using owrd::control::gunzip;
using owrd::control::gzip;
using owrd::control::RpcError;

/// A few of the decompressor's pieces.
constexpr std::uint64_t kLimitBytes = 100'000;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_round_trip(std::string_view bytes) {
  const auto compressed = gzip(bytes);
  const auto whole = gunzip(compressed, bytes.size());
  require(std::holds_alternative<std::string>(whole) && std::get<std::string>(whole) == bytes);
  if (bytes.empty()) return;
  const auto refused = gunzip(compressed, bytes.size() - 1);
  require(std::holds_alternative<RpcError>(refused) &&
          std::get<RpcError>(refused).code == "resource_exhausted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto decompressed = gunzip(input, kLimitBytes);
  if (const auto* bytes = std::get_if<std::string>(&decompressed)) {
    require(bytes->size() <= kLimitBytes);
    check_round_trip(*bytes);
  }
  check_round_trip(input);
  return 0;
}
