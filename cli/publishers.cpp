#include "cli/publishers.h"

#include "cli/wording.h"
#include "daemon/core/ref.h"
#include "daemon/core/units.h"
#include "daemon/release/bundle.h"

namespace owrd::cli {
namespace {

constexpr auto kCompareVersions = "owrd status   (compare its version with: owrd version)";

}  // namespace

Result<> check_petname(const std::string& petname) {
  if (is_valid_petname(petname)) return Done{};
  return Error{ErrorCode::InvalidInput,
               "petname \"" + petname +
                   "\": lower-case letters, digits, '-' and '.' only, a letter first, at most 63",
               "such as acme or acme-labs"};
}

Result<v1::ShowPublisherReply> show_publisher(Daemon& daemon, const std::string& name) {
  v1::ShowPublisherRequest request;
  request.set_name(name);
  return daemon.client.call<v1::ShowPublisherReply>("Publishers/Show", request);
}

Result<trust::RootChain> chain_of(const v1::ShowPublisherReply& reply) {
  const auto bundle = release::parse_bundle(as_bytes(reply.bundle()));
  if (!bundle) return bundle.error();
  auto chain = release::roots_in(*bundle);
  if (chain && chain->publisher_id().to_hex() != reply.publisher().id())
    return Error{ErrorCode::BadSignature,
                 "the roots that the daemon gave are not those of publisher " +
                     fingerprint_of(reply.publisher().id()),
                 kCompareVersions};
  return chain;
}

std::string freshness_name(v1::Freshness freshness) {
  switch (freshness) {
    case v1::FRESHNESS_NONE:
      return "none";
    case v1::FRESHNESS_FRESH:
      return "fresh";
    case v1::FRESHNESS_STALE:
      return "stale";
    case v1::FRESHNESS_EXPIRED:
      return "expired";
    case v1::FRESHNESS_FORKED:
      return "forked";
    default:
      return "unknown";
  }
}

Cell freshness_of(const v1::PublisherRecord& publisher, std::int64_t now) {
  if (publisher.freshness() == v1::FRESHNESS_NONE) return std::string("no feed known");
  const auto name = freshness_name(publisher.freshness());
  const auto since = publisher.freshness_since();
  if (since == 0) return name;
  return {name + " since " + age(since, now), name + " since " + format_time(since)};
}

}  // namespace owrd::cli
