#include "cli/anchors.h"

#include <algorithm>

#include "cli/key_names.h"
#include "cli/passphrase.h"
#include "cli/publishers.h"
#include "daemon/release/feed_torrent.h"
#include "daemon/trust/mutable_item.h"

namespace owrd::cli {

Result<std::vector<trust::KeyFile>> anchor_keys_of(const Keyring& keyring, const v1::Root& root) {
  auto keys = keyring.list();
  if (!keys) return keys;
  std::erase_if(*keys, [&root](const trust::KeyFile& key) {
    const auto bytes = as_text(key.public_key.bytes());
    return std::none_of(root.anchors().begin(), root.anchors().end(),
                        [&bytes](const v1::Key& anchor) { return anchor.public_key() == bytes; });
  });
  return keys;
}

Result<v1::PublisherRecord> sign_anchors(Context& context, Daemon& daemon,
                                         const v1::ShowPublisherReply& publisher,
                                         const std::vector<trust::KeyFile>& keys,
                                         const std::string& passphrase_file) {
  const auto chain = chain_of(publisher);
  if (!chain) return chain.error();
  const auto secrets = unlock_all(context, keys, passphrase_file);
  if (!secrets) return secrets.error();
  const auto value = trust::encode_anchor_item(release::anchor_target(*chain));
  v1::SubmitAnchorsRequest request;
  request.set_name(publisher.publisher().petname());
  for (const auto& secret : *secrets) {
    const auto item = trust::sign_mutable_item(
        secret, trust::kAnchorSalt, static_cast<std::int64_t>(chain->newest().version()), value);
    if (!item) return item.error();
    auto& anchor = *request.add_anchors();
    anchor.set_key(std::string(as_text(item->key.bytes())));
    anchor.set_value(std::string(as_text(item->value)));
    anchor.set_signature(std::string(as_text(item->signature)));
  }
  const auto reply =
      daemon.client.call<v1::SubmitAnchorsReply>("Publishers/SubmitAnchors", request);
  if (!reply) return reply.error();
  for (const auto& key : keys)
    context.output().good("root version " + std::to_string(chain->newest().version()) + " of " +
                          request.name() + " is put into the DHT under the anchor " +
                          name_of(NamedKey{key.public_key, key.name}));
  return reply->publisher();
}

Result<> sign_anchors_at_hand(Context& context, Daemon& daemon, const v1::Root& root,
                              const std::string& petname, const std::string& passphrase_file) {
  if (root.anchors().empty()) return Done{};
  const auto keys = anchor_keys_of(context.keyring(), root);
  if (!keys) return keys.error();
  if (keys->empty()) {
    context.output().hint("where its anchor keys are:  owrd publisher anchor " + petname);
    return Done{};
  }
  const auto publisher = show_publisher(daemon, petname);
  if (!publisher) return publisher.error();
  const auto placed = sign_anchors(context, daemon, *publisher, *keys, passphrase_file);
  if (!placed) return placed.error();
  return Done{};
}

}  // namespace owrd::cli
