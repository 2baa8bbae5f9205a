#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace owrd::cli {

/// A passphrase that nobody has to be asked for: the first line of `file` ("-" is standard input)
/// or, without one, of owrd-passphrase in $CREDENTIALS_DIRECTORY (systemd's LoadCredential).
/// Nothing when there is neither.
Result<std::optional<std::string>> given_passphrase(const Context& context,
                                                    const std::string& file);

/// For a new key: given, or asked for twice, or none when nobody can be asked.
Result<std::string> new_passphrase(Context& context, const std::string& file);

/// Opens a key: without asking when it is not encrypted or the passphrase is given; else asks up to
/// three times.
Result<trust::SecretKey> unlock(Context& context, const trust::KeyFile& key,
                                const std::string& file);
/// The same for each of several, in their order, all by the passphrase that is given, if one is.
Result<std::vector<trust::SecretKey>> unlock_all(Context& context,
                                                 const std::vector<trust::KeyFile>& keys,
                                                 const std::string& file);

}  // namespace owrd::cli
