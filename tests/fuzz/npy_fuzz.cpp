#include <algorithm>

#include "daemon/weights/npy.h"
#include "tests/fuzz/weights_reader.h"

// The array of whatever is accepted lies behind its header; objects are never taken for numbers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  const auto bytes = fuzz_view(data, size);
  StrictSource source(bytes);
  const auto archive = read_npz(source);
  if (archive) check_inventory(*archive, size);
  const auto inventory = read_npy(source);
  if (!inventory) return 0;
  check_inventory(*inventory, size);
  const auto header =
      read_npy_header(bytes.first(std::min<std::size_t>(size, kNpyHeadBytes)), size);
  demand(header && header->data_begin <= size);
  if (header->descr.find('O') != std::string::npos) demand(header->holds_objects);
  if (header->holds_objects) demand(!inventory->tensors[0].bytes);
  return 0;
}
