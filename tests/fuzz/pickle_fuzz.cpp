#include <algorithm>

#include "daemon/weights/pickle_globals.h"
#include "daemon/weights/pickle_scan.h"
#include "tests/fuzz/weights_reader.h"

// What is weights-only ends with STOP, names no other globals than those, and has no reason against
// it; cut short by a byte, it is not weights-only any more unless another pickle ends there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  const auto bytes = fuzz_view(data, size);
  StrictSource source(bytes);
  const auto scan = scan_pickles(source);
  for (const auto& path : scan.globals) {
    const auto kind = kind_of_global(path);
    demand(kind != GlobalKind::Dangerous || scan.verdict == PickleVerdict::Dangerous);
    demand(kind == GlobalKind::WeightsOnly || scan.verdict != PickleVerdict::WeightsOnly);
  }
  demand(scan.reasons.empty() == (scan.verdict == PickleVerdict::WeightsOnly));
  if (scan.verdict != PickleVerdict::WeightsOnly) return 0;
  demand(size > 0 && data[size - 1] == '.' && scan.pickles > 0);
  if (size < 2 || data[size - 2] == '.') return 0;
  StrictSource cut(bytes.first(size - 1));
  demand(scan_pickles(cut).verdict != PickleVerdict::WeightsOnly);
  return 0;
}
