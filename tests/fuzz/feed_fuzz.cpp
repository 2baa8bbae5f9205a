#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>

#include "daemon/release/attestation_list.h"
#include "daemon/release/feed.h"
#include "daemon/release/naming.h"
#include "daemon/release/standing.h"
#include "daemon/trust/key.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// What was read is what stands there, refers only to what is listed, and can be gone on with.
void check(owrd::release::Feed feed, owrd::ByteView bytes) {
  require(std::equal(bytes.begin(), bytes.end(), feed.bytes().begin(), feed.bytes().end()));
  require(feed.records().front().has_root());
  for (const auto& release : feed.releases()) {
    require(feed.find(release.model, release.version) == &release);
    require(feed.find(release.release_id) == &release);
    require(static_cast<bool>(owrd::release::resolve_label(feed, release.model, release.version)));
  }
  for (const auto& [key, channel] : feed.channels()) require(feed.find(key.first, channel.version));
  for (const auto& notice : feed.notices()) require(feed.find(notice.notice.release_id()));

  const auto before = feed;
  owrd::v1::FeedRecord record;
  auto& listed = *record.mutable_release();
  listed.set_model("fuzz");
  listed.set_version("99.99.99");
  listed.set_release_id(std::string(32, '\xee'));
  listed.set_infohash(std::string(32, '\xef'));
  listed.set_bytes(1);
  if (feed.append(record, feed.records().back().added())) {
    require(feed.continues(before));
    const auto again = owrd::release::Feed::parse(feed.bytes());
    require(again && again->releases().size() == before.releases().size() + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool is_ready = static_cast<bool>(owrd::trust::initialise());
  require(is_ready);
  const auto bytes = std::as_bytes(std::span(data, size));
  if (auto feed = owrd::release::Feed::parse(bytes)) check(std::move(*feed), bytes);
  if (const auto attestations = owrd::release::parse_attestations(bytes))
    require(owrd::release::parse_attestations(owrd::release::encode_attestations(*attestations))
                ->size() == attestations->size());
  return 0;
}
