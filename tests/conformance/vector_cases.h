#pragma once

#include <string>
#include <vector>

#include "daemon/core/bytes.h"

/// The cases under tests/vectors/conformance: what somebody who follows a publisher knows, and what
/// they are offered next. Made from fixed keys and times, so that they come out the same each time.
namespace owrd::conformance {

struct VectorCase {
  std::string name;    ///< Of its directory; ends in "_fail" when what is offered is refused.
  std::string readme;  ///< What it is, what must happen, and why.
  Bytes known;         ///< .owrp: what is believed.
  Bytes offered;       ///< .owrp
  std::int64_t now;    ///< Unix seconds.
  /// Of a refusal: its reason. Else the sequence that is known then, and whether it is fresh.
  std::string expected;
};
std::vector<VectorCase> make_vector_cases();

/// What a reader makes of a case: what `expected` has to say.
std::string judge_vector(const Bytes& known, const Bytes& offered, std::int64_t now);

/// A file of the case by its name: README.md, known.owrp, offered.owrp, now, and reason or result.
std::vector<std::pair<std::string, std::string>> files_of(const VectorCase& each);

}  // namespace owrd::conformance
