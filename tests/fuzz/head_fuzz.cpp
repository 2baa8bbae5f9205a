// A head is written in one way alone, within its limits, and believed only as its root says.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "daemon/trust/head.h"
#include "daemon/trust/mutable_item.h"
#include "tests/trust/make.h"

namespace {

using namespace owrd;
using namespace owrd::trust;

void require(bool holds) {
  if (!holds) std::abort();
}

const SecretKey& key() {
  static const auto kKey = make_key(1);
  return kKey;
}

const Root& root() {
  static const auto kRoot = [] {
    const auto owner = make_key(2);
    auto message = make_root({&owner}, 1);
    set_key(*message.mutable_head(), key());
    return *Root::verify_first(seal_root(message, {&owner}));
  }();
  return kRoot;
}

void check_limits(const Head& head) {
  require(head.sequence() >= 1 && head.sequence() <= kLastSequence);
  require(head.issued() > 0 && head.issued() < head.expires());
  require(head.expires() - head.issued() <= kLongestHeadLifeSeconds);
  require(head.feed().length >= 1 && head.feed().length <= kFeedLimitBytes);
  if (head.attestations()) require(head.attestations()->length <= kAttestationsLimitBytes);
  require(encode_head_item(head).size() <= kItemLimitBytes);
}

Bytes write_again(const Head& head) {
  return make_head({head.publisher_id(), head.sequence(), head.issued(), head.expires(),
                    head.root_version(), head.feed(), head.attestations(), head.infohash()},
                   key());
}

// Of heads with valid signatures, only those of this publisher and version are believed.
void check_payload(ByteView payload) {
  const auto head = Head::parse(seal(PayloadKind::Head, payload, {&key()}));
  if (!head) return;
  check_limits(*head);
  require(write_again(*head) == head->envelope().raw);
  const bool is_of_root =
      head->publisher_id() == root().publisher_id() && head->root_version() == 1;
  require(bool(verify_head(*head, root())) == is_of_root);
}

void check_envelope(ByteView bytes) {
  const auto head = Head::parse(bytes);
  if (!head) return;
  check_limits(*head);
  require(std::equal(bytes.begin(), bytes.end(), head->envelope().raw.begin()));
  if (verify_head(*head, root()))
    require(!valid_signers(head->envelope(), {key().public_key()}).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_envelope(bytes);
  check_payload(bytes);
  if (const auto envelope = parse_envelope(bytes, PayloadKind::Head))
    check_payload(envelope->payload);
  return 0;
}
