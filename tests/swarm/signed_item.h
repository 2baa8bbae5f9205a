#pragma once

#include <cstdint>
#include <string>

#include "owrd/v1/swarm.pb.h"

namespace owrd::swarm {

/// A key that items of the DHT are signed with, made of a number.
class ItemKey {
 public:
  explicit ItemKey(std::uint32_t seed);

  /// `value` is bencoded.
  v1::SwarmCommand put(std::int64_t sequence, const std::string& value,
                       const std::string& salt = "owrd/test") const;
  v1::SwarmCommand get(const std::string& salt = "owrd/test") const;
  const std::string& public_key() const { return public_key_; }

 private:
  std::string public_key_;
  std::string secret_key_;
};

/// The same signature with S + L in place of S (RFC 8032, section 5.1.7): who checks as libtorrent
/// does accepts it too.
std::string malleate(std::string signature);

}  // namespace owrd::swarm
