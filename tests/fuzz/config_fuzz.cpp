#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/app/config.h"

// An error names its place in one line; what is accepted is within its limits, and equal to itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  owrd::app::Config base;
  base.store.path = base.control.socket = "/";
  const auto config = owrd::app::parse_config(text, "f", base);
  if (!config) {
    const auto& message = config.error().message;
    if (!message.starts_with("f:") || message.find_first_of("\n\x1b") != message.npos) std::abort();
    return 0;
  }
  const bool within_limits =
      config->store.path.is_absolute() && config->control.socket.is_absolute() &&
      config->store.reserve_free.permille <= 900 && !config->network.listen.empty() &&
      config->limits.peers >= 1 && config->seed.time.count() >= 0 &&
      config->control.max_message_bytes >= (64 << 10) && config->control.max_streams >= 1;
  if (!within_limits || !changed_needing_restart(*config, *config).empty()) std::abort();
  return 0;
}
