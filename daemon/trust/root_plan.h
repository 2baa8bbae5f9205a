#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/key.h"
#include "daemon/trust/root.h"

namespace owrd::trust {

/// What a publisher decides about a root.
struct RootPlan {
  std::string display_name;
  std::vector<std::string> contacts;
  v1::PublisherKind kind = v1::PUBLISHER_KIND_UNSPECIFIED;
  std::int64_t issued = 0;   ///< Unix seconds.
  std::int64_t expires = 0;  ///< Unix seconds.
  struct NamedKey {
    PublicKey key;
    std::string label;
    friend bool operator==(const NamedKey&, const NamedKey&) = default;
  };
  struct PlannedRole {
    std::vector<NamedKey> keys;
    std::uint32_t threshold = 1;
    friend bool operator==(const PlannedRole&, const PlannedRole&) = default;
  };
  struct PlannedScope {
    std::vector<std::string> models;
    PlannedRole role;
    friend bool operator==(const PlannedScope&, const PlannedScope&) = default;
  };
  PlannedRole root;
  PlannedRole release;
  std::vector<PlannedScope> scopes;
  std::optional<PublicKey> head;
  std::vector<PublicKey> locators;
  std::vector<NamedKey> anchors;
  std::vector<std::string> locations;
  std::map<Digest, std::uint64_t> revoked;  ///< As Root::revoked().
  friend bool operator==(const RootPlan&, const RootPlan&) = default;
};
/// What the root says, to be changed for its successor.
RootPlan plan_of(const Root& root);
/// The payload of version 1, or of the version that follows `previous`. Fails as the root itself
/// would be refused.
Result<Bytes> make_root_payload(const RootPlan& plan, const Root* previous);

}  // namespace owrd::trust
