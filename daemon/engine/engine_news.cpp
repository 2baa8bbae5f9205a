// What publishers say later of the releases that are here.

#include "daemon/engine/impl.h"
#include "daemon/release/standing.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/release_signers.h"

namespace owrd::engine {

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
