// What publishers say later of the releases that are here.

#include <algorithm>
#include <utility>

#include "daemon/engine/impl.h"
#include "daemon/release/standing.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/release_signers.h"

namespace owrd::engine {
namespace {

constexpr auto kAttestingInterval = std::chrono::minutes(1);
/// Before an attestation expires: a third of its 30 days.
constexpr std::int64_t kAttestAgainSeconds = 10 * 86400;

}  // namespace

void Engine::Impl::on_news(const Digest& publisher_id) {
  if (is_stopping) return;
  const auto current = transfers;
  for (const auto& [id, transfer] : current)
    if (transfer->stored().publisher_id == publisher_id) judge_again(*transfer);
}

/// A key may have been revoked, or the release withdrawn; and its peers are told what is new.
void Engine::Impl::judge_again(Transfer& transfer) {
  const auto believed = believe(transfer.stored().proof, around.publishers);
  if (!believed) {
    if (transfer.is_running()) transfer.refuse(believed.error());
    return;
  }
  transfer.set_names(*believed);
  const auto* publisher = around.publishers.find(transfer.stored().publisher_id);
  const auto& feed = publisher->known.feed;
  const auto standing =
      feed ? release::standing_of(*feed, transfer.stored().release_id) : release::Standing();
  const auto* withdrawn = standing.withdrawn;
  const bool is_served = transfer.stored().intent == store::Intent::Seed;
  // Whoever seeds it again after that knows what they do.
  const auto stopped = "withdrawn-" + transfer.stored().release_id.to_hex();
  const auto told =
      withdrawn ? around.world.store.value(stopped) : Result<std::optional<Bytes>>(std::nullopt);
  if (withdrawn && is_served && told && !*told) {
    around.world.log(transfer.view().ref +
                     " was withdrawn by its publisher; it is not seeded any "
                     "more, its files stay");
    const auto saved = around.world.store.set_value(stopped, to_bytes("1"));
    const auto set = transfer.set_intent(store::Intent::Keep);
    if (!saved || !set) around.world.log((saved ? set : saved).error().message);
  }
  transfer.tell_peers();
}

void Engine::Impl::attest_if_wished(const Transfer& transfer) {
  if (!around.settings.attests_all || transfer.is_partial()) return;
  const auto attested = registry.attest(transfer.believed());
  if (!attested) around.world.log("attesting: " + attested.error().message);
}

void Engine::Impl::renew_attestations() {
  const auto now = around.world.clock.steady_now();
  if (!around.settings.attests_all || is_attesting || now < next_attesting) return;
  next_attesting = now + kAttestingInterval;
  // Round and round: one that cannot be attested keeps no other from it.
  const auto begin = attested_last ? transfers.upper_bound(*attested_last) : transfers.begin();
  const auto due = [this](const auto& entry) { return is_attestation_due(*entry.second); };
  auto found = std::find_if(begin, transfers.end(), due);
  if (found == transfers.end()) {
    found = std::find_if(transfers.begin(), begin, due);
    if (found == begin) return;
  }
  attested_last = found->first;
  Observer<AttestationView> observer;
  observer.on_done = [this, ref = found->second->view().ref](Result<AttestationView> attested) {
    is_attesting = false;
    if (!attested) around.world.log("attesting " + ref + ": " + attested.error().message);
  };
  const auto begun =
      attest(found->second, std::make_shared<Ear<AttestationView>>(std::move(observer)));
  is_attesting = static_cast<bool>(begun);
  // One that is being verified has its turn later.
  if (!begun && begun.error().code != ErrorCode::Busy) around.world.log(begun.error().message);
}

bool Engine::Impl::is_attestation_due(const Transfer& transfer) {
  if (!transfer.is_whole() || transfer.is_partial()) return false;
  const auto until = registry.attested_until(transfer.stored().release_id);
  if (!until) around.world.log(until.error().message);
  return until && *until < around.world.clock.now() + kAttestAgainSeconds;
}

/// Keeps a release that contradicts the feed, when that is why it was refused; gives the error.
Error Engine::Impl::equivocates(const Error& error, ByteView proof, const std::string& source) {
  const auto envelope = trust::parse_envelope(proof, trust::PayloadKind::Manifest);
  if (!envelope || error.code != ErrorCode::BadSignature) return error;
  const auto manifest = release::Manifest::parse(envelope->payload);
  if (!manifest) return error;
  const auto* publisher = around.publishers.find(manifest->publisher_id());
  if (!publisher || !publisher->known.feed) return error;
  const auto* listed = publisher->known.feed->find(manifest->model(), manifest->version());
  const bool contradicts =
      listed && listed->release_id != manifest->release_id() &&
      trust::verify_release(*envelope, manifest->model(), publisher->known.roots, std::nullopt);
  if (!contradicts) return error;
  return registry.keep_equivocation(*publisher, *listed, proof, source);
}

}  // namespace owrd::engine
