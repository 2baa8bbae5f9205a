#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "owrd/v1/trust.pb.h"

/// Anchors: items of the DHT under keys that are kept offline, where those who slept through a
/// change of roots find the newest.
namespace owrd::cli {

/// The keys of the keyring that are anchors of this root.
Result<std::vector<trust::KeyFile>> anchor_keys_of(const Keyring& keyring, const v1::Root& root);

/// Signs with each key where the publisher's roots are found, and gives that to the daemon to
/// place.
Result<v1::PublisherRecord> sign_anchors(Context& context, Daemon& daemon,
                                         const v1::ShowPublisherReply& publisher,
                                         const std::vector<trust::KeyFile>& keys,
                                         const std::string& passphrase_file);

/// After a root was taken: does so if it has anchors and their keys are here, else says where to.
Result<> sign_anchors_at_hand(Context& context, Daemon& daemon, const v1::Root& root,
                              const std::string& petname, const std::string& passphrase_file);

}  // namespace owrd::cli
