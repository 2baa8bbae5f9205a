// An error names its place in one line; what is accepted writes as a file that reads as the same.
#include <cstdint>
#include <cstdlib>

#include "daemon/card/release_toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = owrd::card::parse_release_toml(text, "f");
  if (!file) {
    const auto& message = file.error().message;
    if (!message.starts_with("f:") || message.find_first_of("\n\x1b") != message.npos) std::abort();
    return 0;
  }
  const auto again = owrd::card::parse_release_toml(owrd::card::write_release_toml(*file));
  if (!again || again->said.SerializeAsString() != file->said.SerializeAsString() ||
      again->stated_label != file->stated_label || again->api_endpoints != file->api_endpoints)
    std::abort();
  return 0;
}
