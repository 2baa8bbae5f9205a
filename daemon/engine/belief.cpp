#include "daemon/engine/belief.h"

#include "daemon/trust/envelope.h"
#include "daemon/trust/release_signers.h"

namespace owrd::engine {

namespace {

Error not_pinned(const release::Manifest& manifest) {
  const auto id = manifest.publisher_id().to_hex();
  return {ErrorCode::Untrusted,
          "release " + manifest.model() + ":" + manifest.version() + " claims to be of publisher " +
              id + ", which is not pinned here",
          "get the publisher's .owrp from a place you trust, then: owrd publisher add FILE.owrp "
          "--fingerprint " +
              id};
}

/// A version is written once.
Error listed_otherwise(const release::Manifest& manifest, const std::string& petname,
                       const release::ListedRelease& listed) {
  const auto ref = ref_text(petname, manifest);
  return {ErrorCode::BadSignature,
          ref + " is not the release that its publisher's feed lists under that version, sha256:" +
              listed.release_id.to_hex() + ": the publisher signed two",
          "get the one that is listed: owrd get " + ref};
}

}  // namespace

std::string ref_text(const std::string& petname, const release::Manifest& manifest) {
  return petname + "/" + manifest.model() + ":" + manifest.version();
}

Result<Believed> believe(ByteView proof, const KnownPublishers& publishers) {
  const auto envelope = trust::parse_envelope(proof, trust::PayloadKind::Manifest);
  if (!envelope) return envelope.error();
  auto manifest = release::Manifest::parse(envelope->payload);
  if (!manifest) return manifest.error();

  const auto* publisher = publishers.find(manifest->publisher_id());
  const auto fault = publishers.faults().find(manifest->publisher_id());
  if (!publisher)
    return fault == publishers.faults().end() ? not_pinned(*manifest) : fault->second.error;
  const auto& feed = publisher->known.feed;
  const auto* listed = feed ? feed->find(manifest->model(), manifest->version()) : nullptr;
  const bool is_listed = listed && listed->release_id == manifest->release_id();
  const auto signers =
      trust::verify_release(*envelope, manifest->model(), publisher->known.roots,
                            is_listed ? std::optional(listed->record) : std::nullopt,
                            is_listed ? std::optional(listed->root_version) : std::nullopt);
  if (!signers) return signers.error();
  if (listed && !is_listed) return listed_otherwise(*manifest, publisher->petname, *listed);

  auto torrent = release::derive_torrent(*manifest, proof);
  std::vector<std::string> signed_by;
  for (const auto& key : signers->keys)
    signed_by.push_back(publisher->petname + " (" + trust::fingerprint(key.id()) + ")");
  return Believed{to_bytes(proof), std::move(*manifest), std::move(torrent), publisher->petname,
                  std::move(signed_by)};
}

}  // namespace owrd::engine
