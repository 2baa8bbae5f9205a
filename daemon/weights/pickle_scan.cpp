#include "daemon/weights/pickle_scan.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/pickle_globals.h"
#include "daemon/weights/pickle_machine.h"

namespace owrd::weights {
namespace {

/// Enough for any archive of pickles in use, and for no flood of empty ones.
constexpr std::size_t kPickleLimit = 100'000;

}  // namespace

std::string_view to_string(PickleVerdict verdict) {
  switch (verdict) {
    case PickleVerdict::WeightsOnly:
      return "weights-only";
    case PickleVerdict::Suspicious:
      return "suspicious";
    case PickleVerdict::Dangerous:
      return "dangerous";
  }
  return "dangerous";
}

void PickleScan::find(PickleVerdict at_most, const std::string& reason) {
  verdict = std::max(verdict, at_most);
  const bool is_new = std::find(reasons.begin(), reasons.end(), reason) == reasons.end();
  if (is_new && reasons.size() < kReasonLimit) reasons.push_back(reason);
}

void PickleScan::name_global(std::string path) {
  const auto kind = kind_of_global(path);
  if (kind == GlobalKind::Dangerous)
    find(PickleVerdict::Dangerous, "global " + quoted(path) + " leads to code");
  if (kind == GlobalKind::Unknown)
    find(PickleVerdict::Suspicious,
         "global " + quoted(path) + " is not among the weights-only ones");
  if (globals.size() < kGlobalLimit) globals.insert(std::move(path));
}

void PickleScan::merge(const PickleScan& other) {
  verdict = std::max(verdict, other.verdict);
  pickles += other.pickles;
  for (const auto& reason : other.reasons) find(other.verdict, reason);
  for (const auto& path : other.globals)
    if (globals.size() < kGlobalLimit) globals.insert(path);
}

PickleScan scan_pickles(ByteSource& source) {
  PickleScan scan;
  ByteStream in(source);
  if (in.remaining() == 0) scan.find(PickleVerdict::Suspicious, "an empty pickle");
  for (std::size_t i = 0; i < kPickleLimit && in.remaining() > 0; ++i) {
    PickleMachine machine(in);
    machine.run();
    if (i > 0 && !machine.top())
      scan.find(PickleVerdict::Suspicious, "bytes behind the last pickle");
    scan.merge(machine.scan());
    if (!machine.top()) return scan;
  }
  if (in.remaining() > 0) scan.find(PickleVerdict::Suspicious, "too many pickles");
  return scan;
}

}  // namespace owrd::weights
