#include <algorithm>

#include "daemon/weights/zip.h"
#include "tests/fuzz/weights_reader.h"

// The members of an accepted archive lie within it, one behind the other; what opens has the size
// that the directory says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  static constexpr std::uint64_t kLimit = 1 << 20;
  StrictSource source(fuzz_view(data, size));
  const auto directory = read_zip_directory(source);
  if (!directory) return 0;
  std::uint64_t end = 0;
  for (const auto& entry : directory->entries) {
    demand(entry.data.begin >= end && entry.data.begin <= entry.data.end && entry.data.end <= size);
    end = entry.data.end;
    demand(!entry.name.empty() && entry.name.front() != '/');
    const auto member = open_zip_entry(source, entry, kLimit);
    if (member) demand((*member)->size() == entry.size_bytes);
    const auto head = read_zip_entry_head(source, entry, 100);
    if (head) demand(head->size() == std::min<std::uint64_t>(entry.size_bytes, 100));
  }
  return 0;
}
