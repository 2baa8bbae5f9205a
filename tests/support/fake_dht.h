#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "owrd/v1/swarm.pb.h"

namespace owrd::swarm {

/// A DHT in memory, for one FakeSwarm or several. It checks sizes and sequence numbers as the real
/// one does, but no signatures.
class FakeDht {
 public:
  using Key = std::pair<std::string, std::string>;  ///< Public key and salt.
  struct Item {
    std::int64_t sequence = 0;
    std::string value;  ///< Bencoded.
    std::string signature;
    bool operator==(const Item&) const = default;
  };

  /// What a lookup is answered with; the last is authoritative.
  std::vector<v1::SwarmDhtItem> get(const v1::SwarmDhtGet& command) const;
  v1::SwarmDhtStored put(const v1::SwarmDhtPut& command);

  /// What is stored. A test may put in whatever it likes: forged, oversized or of an earlier
  /// sequence.
  std::map<Key, Item> items;
  /// Where there are some, lookups are answered with these, one after the other, and not with what
  /// is stored; where the list is empty, with nothing.
  std::map<Key, std::vector<Item>> answers;
  /// How many nodes take an item. 0: nobody is there, and nothing is found either.
  std::uint32_t nodes = 8;
};

}  // namespace owrd::swarm
