#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How a release is spread, as it is observed; nobody declares it.
namespace owrd::release {

struct ObservedSources {
  /// Peers with all pieces, web origins and mirrors that serve the release now, those of one
  /// operator or address block counted once; the publisher's own included.
  std::uint32_t independent_sources = 0;
  /// Mirrors that are not the publisher's and whose attestation, in force, says that they hold and
  /// verified it.
  std::uint32_t attested_mirrors = 0;
};

enum class Distribution { None, Centralised, Federated, Decentralised };

struct DistributionReport {
  Distribution distribution;
  std::string why;  ///< A sentence with the numbers.
};

/// None without any source; decentralised from three attested mirrors on; centralised with one
/// source and no mirror; federated between.
DistributionReport classify_distribution(const ObservedSources& observed);

std::string_view to_string(Distribution distribution);

}  // namespace owrd::release
