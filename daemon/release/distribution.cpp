#include "daemon/release/distribution.h"

#include <algorithm>

namespace owrd::release {
namespace {

constexpr std::uint32_t kManyMirrors = 3;

std::string count(std::uint32_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

Distribution classify(const ObservedSources& observed) {
  if (observed.attested_mirrors >= kManyMirrors) return Distribution::Decentralised;
  // A mirror that is not seen now still holds the release, beside the publisher.
  const auto holders = std::max(observed.independent_sources,
                                observed.attested_mirrors > 0 ? observed.attested_mirrors + 1 : 0);
  if (holders == 0) return Distribution::None;
  return holders == 1 ? Distribution::Centralised : Distribution::Federated;
}

}  // namespace

DistributionReport classify_distribution(const ObservedSources& observed) {
  return {classify(observed), count(observed.independent_sources, "independent source") + ", " +
                                  count(observed.attested_mirrors, "attested mirror")};
}

std::string_view to_string(Distribution distribution) {
  switch (distribution) {
    case Distribution::Centralised:
      return "centralised";
    case Distribution::Federated:
      return "federated";
    case Distribution::Decentralised:
      return "decentralised";
    case Distribution::None:
      break;
  }
  return "not observed";
}

}  // namespace owrd::release
