#pragma once

#include <optional>
#include <string>

#include "cli/context.h"

namespace owrd::cli {

/// Whose word a statement is: a key of the keyring, or a new one that is not in it yet.
struct Author {
  trust::SecretKey secret;
  std::string key_name;
  std::optional<std::string> new_key = {};  ///< The text of its file.
};

/// The key of that name; without a name the one called "feedback", or the only one, or, when there
/// is none, a new "feedback" if the person agrees (nothing when they do not). InvalidInput when
/// there is a choice to make.
Result<std::optional<Author>> choose_author(Context& context, const std::string& key_name,
                                            const std::string& passphrase_file);

/// Puts a new key into the keyring, before anything that it has signed leaves.
Result<> keep_author(Context& context, const Author& author);

}  // namespace owrd::cli
