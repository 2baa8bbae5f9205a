#include "daemon/weights/onnx.h"
#include "tests/fuzz/weights_reader.h"

// The tensors of whatever is accepted lie within the file, and those that are kept elsewhere are
// among them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  StrictSource source(fuzz_view(data, size));
  const auto model = read_onnx(source);
  if (!model) return 0;
  check_inventory(model->inventory, size);
  demand(model->external.size() <= model->inventory.tensors.size());
  return 0;
}
