#include "daemon/weights/little_endian.h"
#include "daemon/weights/safetensors.h"
#include "tests/fuzz/weights_reader.h"

// Whatever is accepted has a header that begins with {, and tensors that make up all that is behind
// the header and nothing else, each name once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  const auto bytes = fuzz_view(data, size);
  StrictSource source(bytes);
  const auto inventory = read_safetensors(source);
  if (!inventory) return 0;
  check_inventory(*inventory, size);
  demand(size >= 10 && data[8] == '{');
  demand(is_covered(*inventory, 8 + little_endian(bytes, 0, 8), size));
  for (const auto& tensor : inventory->tensors) demand(!tensor.name.empty());
  return 0;
}
