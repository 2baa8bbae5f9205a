#pragma once

#include <string>
#include <vector>

#include "cli/ceremony.h"
#include "cli/context.h"

/// What the commands of a root's ceremony share.
namespace owrd::cli {

/// The keys of the keyring that could sign and have not.
Result<std::vector<trust::KeyFile>> fitting_keys(const Context& context, const Ceremony& ceremony);
/// Opens each of these keys and signs with it.
Result<> sign_with(Context& context, Ceremony& ceremony, const std::vector<trust::KeyFile>& keys,
                   const std::string& passphrase_file);

/// Puts this daemon's keys for heads and the DHT into a plan.
Result<> add_online_keys(Daemon& daemon, trust::RootPlan& plan);

/// Where a root goes: to the daemon, or, while signatures are missing, into a file.
struct Destination {
  std::string petname;
  std::string file;
  std::string passphrase_file;  ///< For the keys of anchors.
};
/// A complete root becomes the daemon's; a draft is kept in a new file, and it is said who must
/// sign it.
Result<int> submit_or_keep(Context& context, Daemon& daemon, const Ceremony& ceremony,
                           const Destination& destination);
/// Gives the daemon a complete root.
Result<int> submit(Context& context, Daemon& daemon, const Ceremony& ceremony,
                   const Destination& destination);

}  // namespace owrd::cli
