#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/trust/root.h"

namespace owrd::trust {

/// The most roots that a chain may have; TUF's clients stop there too.
constexpr std::size_t kMostRoots = 256;

/// A publisher's roots from version 1 on: each follows the one before it by exactly one version and
/// is signed by the thresholds of both (TUF 1.0.34 section 5.3). Never empty. Takes no clock:
/// expiry counts for the last one alone, and only for what is fresh.
class RootChain {
 public:
  /// Version 1 first. The error names the version at fault.
  static Result<RootChain> verify(const std::vector<Bytes>& envelopes);

  /// Appends the next root, or leaves all as it was.
  Result<> extend(ByteView envelope);

  const Digest& publisher_id() const { return roots_.front().publisher_id(); }
  const Root& first() const { return roots_.front(); }
  const Root& newest() const { return roots_.back(); }
  const std::vector<Root>& roots() const { return roots_; }
  std::vector<Bytes> raw() const;

 private:
  explicit RootChain(std::vector<Root> roots) : roots_(std::move(roots)) {}
  Result<Root> verify_next(ByteView envelope) const;
  std::vector<Root> roots_;
};

}  // namespace owrd::trust
