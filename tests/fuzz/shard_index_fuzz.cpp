#include "daemon/weights/safetensors_index.h"
#include "tests/fuzz/weights_reader.h"

// No file of an accepted index lies outside of its folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto index = parse_shard_index(text);
  if (!index) return 0;
  for (const auto& file : index->files()) {
    demand(!file.empty() && file.front() != '/' && file.find('\\') == file.npos);
    demand(("/" + file + "/").find("/../") == std::string::npos);
    demand(("/" + file + "/").find("//") == std::string::npos);
  }
  return 0;
}
