#pragma once

#include <optional>
#include <string_view>

#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// "corporate", "research", "academic", "community", "individual" or "government"; empty when the
/// publisher does not say, or says something that is not known.
std::string_view to_string(v1::PublisherKind kind);
/// None for another word.
std::optional<v1::PublisherKind> publisher_kind_of(std::string_view name);

}  // namespace owrd::trust
