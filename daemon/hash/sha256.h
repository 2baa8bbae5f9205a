#pragma once

#include <memory>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"

namespace owrd::hash {

/// SHA-256 (FIPS 180-4) of all of `bytes`.
Digest sha256(ByteView bytes);

/// SHA-256 of bytes that come in parts.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(ByteView bytes);
  /// Once; the object is spent afterwards.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace owrd::hash
