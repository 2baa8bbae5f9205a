#include "daemon/weights/torch.h"
#include "tests/fuzz/weights_reader.h"

// The tensors of whatever is accepted lie within the file. The first byte chooses: a ZIP, a file of
// the older kind, or only the object of one, with its five pickles put around it.
namespace {

using namespace std::string_literals;

std::string with_frame(std::string_view object) {
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."
         "\x80\x02}."s +
         std::string(object);
}

void check(const owrd::Result<owrd::weights::TorchFile>& file, std::uint64_t size_bytes) {
  if (file) owrd::weights::check_inventory(file->inventory, size_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  if (size == 0) return 0;
  const auto bytes = fuzz_view(data, size).subspan(1);
  StrictSource source(bytes);
  if (data[0] == 'z') check(read_torch_zip(source), source.size());
  if (data[0] == 'l') check(read_torch_legacy(source), source.size());
  if (data[0] != 'o') return 0;
  const auto framed = with_frame(owrd::as_text(bytes));
  StrictSource whole(owrd::as_bytes(framed));
  demand(is_torch_legacy(whole));
  check(read_torch_legacy(whole), whole.size());
  return 0;
}
