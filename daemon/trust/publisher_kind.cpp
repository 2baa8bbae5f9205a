#include "daemon/trust/publisher_kind.h"

namespace owrd::trust {

std::string_view to_string(v1::PublisherKind kind) {
  switch (kind) {
    case v1::PUBLISHER_KIND_CORPORATE:
      return "corporate";
    case v1::PUBLISHER_KIND_RESEARCH:
      return "research";
    case v1::PUBLISHER_KIND_ACADEMIC:
      return "academic";
    case v1::PUBLISHER_KIND_COMMUNITY:
      return "community";
    case v1::PUBLISHER_KIND_INDIVIDUAL:
      return "individual";
    case v1::PUBLISHER_KIND_GOVERNMENT:
      return "government";
    default:
      return "";
  }
}

std::optional<v1::PublisherKind> publisher_kind_of(std::string_view name) {
  for (int kind = v1::PublisherKind_MIN; kind <= v1::PublisherKind_MAX; ++kind) {
    const auto each = static_cast<v1::PublisherKind>(kind);
    if (!name.empty() && to_string(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace owrd::trust
