#include "daemon/weights/gguf.h"
#include "tests/fuzz/weights_reader.h"

// Whatever is accepted is of version 2 or 3, has its tensors within the file and no two of them in
// one place; joined with itself it is refused, or was the one part of a set of one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  StrictSource source(fuzz_view(data, size));
  const auto inventory = read_gguf(source);
  if (!inventory) return 0;
  check_inventory(*inventory, size);
  demand(inventory->version == "2" || inventory->version == "3");
  for (const auto& tensor : inventory->tensors) demand(tensor.shape.size() <= 4);
  demand(!join_gguf_splits({{"a", *inventory}, {"b", *inventory}}) || inventory->tensors.empty());
  return 0;
}
