// A chain that is believed keeps what everything above relies on: each root follows the one before
// it, with the signatures of both, and what a root says can be said again.
#include <cstdint>
#include <cstdlib>

#include "daemon/hash/sha256.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root_chain.h"
#include "daemon/trust/root_draft.h"
#include "daemon/trust/root_plan.h"
#include "tests/trust/make.h"

namespace {

using namespace owrd;
using namespace owrd::trust;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Records as in a feed: each four bytes of length, big-endian, then the bytes.
std::vector<Bytes> take_records(ByteView rest) {
  std::vector<Bytes> records;
  while (rest.size() >= 4 && records.size() < 8) {
    std::size_t length = 0;
    for (const auto byte : rest.first(4)) length = length << 8 | std::to_integer<std::size_t>(byte);
    rest = rest.subspan(4);
    if (length > rest.size()) break;
    records.push_back(to_bytes(rest.first(length)));
    rest = rest.subspan(length);
  }
  return records;
}

/// The same payloads, signed by the keys of the seeds: so that a changed root can be believed.
std::vector<Bytes> sign_again(std::vector<Bytes> envelopes) {
  static const SecretKey kKeys[] = {make_key(1), make_key(2), make_key(3)};
  for (auto& bytes : envelopes)
    if (const auto envelope = parse_unsigned_envelope(bytes, PayloadKind::Root))
      bytes = seal(PayloadKind::Root, envelope->payload, {&kKeys[0], &kKeys[1], &kKeys[2]});
  return envelopes;
}

void check_signers(const Root& root, const KeyRole& role) {
  const auto envelope = parse_envelope(root.raw(), PayloadKind::Root);
  require(bool(envelope) && role.threshold >= 1 && role.keys.size() >= role.threshold);
  require(valid_signers(*envelope, role.keys).size() >= role.threshold);
}

void check_follows(const Root& root, const Root& previous) {
  require(root.version() == previous.version() + 1);
  require(root.issued() >= previous.issued());
  check_signers(root, previous.root_role());
  for (const auto& [key, since] : previous.revoked())
    require(root.revoked().count(key) == 1 && root.revoked().at(key) <= since);
  for (const auto& [key, use] : previous.uses())
    require(root.uses().count(key) == 0 || root.uses().at(key) == use);
}

void check_plan(const Root& root, const Root* previous) {
  const auto plan = plan_of(root);
  const auto payload = make_root_payload(plan, previous);
  require(bool(payload));
  const auto draft = read_root_draft(make_root_draft(*payload), previous);
  require(bool(draft) && !draft->is_complete());
  require(draft->needs.size() == (previous == nullptr ? 1U : 2U));
}

void check_chain(const std::vector<Bytes>& envelopes) {
  const auto chain = RootChain::verify(envelopes);
  if (!chain) return;
  require(chain->raw() == envelopes);
  const auto first = parse_envelope(envelopes.front(), PayloadKind::Root);
  require(chain->publisher_id() == hash::sha256(first->payload));
  const Root* previous = nullptr;
  for (const auto& root : chain->roots()) {
    require(root.publisher_id() == chain->publisher_id());
    check_signers(root, root.root_role());
    require(root.locators().empty() || root.head_key());
    if (previous != nullptr) check_follows(root, *previous);
    check_plan(root, previous);
    previous = &root;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto records = take_records(std::as_bytes(std::span(data, size)));
  check_chain(records);
  check_chain(sign_again(records));
  return 0;
}
