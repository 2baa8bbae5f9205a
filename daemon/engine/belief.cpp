#include "daemon/engine/belief.h"

#include "daemon/trust/envelope.h"
#include "daemon/trust/release_signers.h"

namespace owrd::engine {

Result<trust::RootChain> roots_of(const store::PinnedPublisher& publisher) {
  auto roots = trust::RootChain::verify(publisher.roots);
  if (!roots)
    return Error{ErrorCode::Corrupt,
                 "publisher " + publisher.petname + " in the store: " + roots.error().message,
                 "owrd publisher rm " + publisher.petname + ", then add it again from its .owrp"};
  return roots;
}

std::string ref_text(const std::string& petname, const release::Manifest& manifest) {
  return petname + "/" + manifest.model() + ":" + manifest.version();
}

Result<Believed> believe(ByteView proof, store::Store& store) {
  const auto envelope = trust::parse_envelope(proof, trust::PayloadKind::Manifest);
  if (!envelope) return envelope.error();
  auto manifest = release::Manifest::parse(envelope->payload);
  if (!manifest) return manifest.error();

  const auto publisher = store.find_publisher(manifest->publisher_id());
  if (!publisher) return publisher.error();
  if (!*publisher) {
    const auto id = manifest->publisher_id().to_hex();
    return Error{ErrorCode::Untrusted,
                 "release " + manifest->model() + ":" + manifest->version() +
                     " claims to be of publisher " + id + ", which is not pinned here",
                 "get the publisher's .owrp from a place you trust, then: owrd publisher add "
                 "FILE.owrp --fingerprint " +
                     id};
  }
  const auto roots = roots_of(**publisher);
  if (!roots) return roots.error();
  const auto signers =
      trust::verify_release(*envelope, manifest->model(), *roots, /*listed=*/std::nullopt);
  if (!signers) return signers.error();

  auto torrent = release::derive_torrent(*manifest, proof);
  std::vector<std::string> signed_by;
  for (const auto& key : signers->keys)
    signed_by.push_back((*publisher)->petname + " (" + trust::fingerprint(key.id()) + ")");
  return Believed{to_bytes(proof), std::move(*manifest), std::move(torrent), (*publisher)->petname,
                  std::move(signed_by)};
}

}  // namespace owrd::engine
