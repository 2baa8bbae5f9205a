#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/weights/byte_source.h"

namespace owrd::weights {

enum class PickleVerdict {
  WeightsOnly,  ///< PyTorch's weights_only reader would take it. A lower risk, not none.
  Suspicious,   ///< Needs more than that: unknown globals, other opcodes, broken or cut off.
  Dangerous,    ///< Names what runs code.
};

/// "weights-only", "suspicious", "dangerous".
std::string_view to_string(PickleVerdict verdict);

/// What a walk over pickles found.
struct PickleScan {
  static constexpr std::size_t kReasonLimit = 50;
  static constexpr std::size_t kGlobalLimit = 1000;

  PickleVerdict verdict = PickleVerdict::WeightsOnly;
  std::set<std::string, std::less<>> globals = {};  ///< All that are named, the first 1000.
  std::vector<std::string> reasons = {};            ///< Against the better verdict, the first 50.
  std::size_t pickles = 0;                          ///< That end as they should.

  /// Makes the verdict no better than this.
  void find(PickleVerdict at_most, const std::string& reason);
  void name_global(std::string path);
  void merge(const PickleScan& other);
};

/// Walks the opcodes of all the pickles in a source, one behind the other, and runs nothing: a
/// small symbolic machine keeps strings and containers apart, so that globals put together on the
/// stack are named. Protocols 0 to 5.
///
/// A pickle is weights-only when it holds only the opcodes, globals and uses of them that PyTorch's
/// torch/_weights_only_unpickler.py allows, ends with STOP and leaves nothing on the stack; what
/// breaks off has run until there and is not weights-only, whatever it holds. Bytes behind the last
/// pickle are no better than suspicious. Globals are looked for in those, too.
///
/// At most 2,000,000 values, 256 MiB of text and 50,000,000 opcodes; a longer pickle is suspicious.
PickleScan scan_pickles(ByteSource& source);

}  // namespace owrd::weights
