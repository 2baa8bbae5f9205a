#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/key_names.h"
#include "daemon/trust/root_plan.h"

namespace owrd::cli {

/// What a person wants to be different about a role, in their own words.
struct RoleEdit {
  std::vector<std::string> models;  ///< Of a scope; empty: the role of all models.
  std::vector<std::string> add;
  std::vector<std::string> remove;
  std::string threshold;  ///< Empty: as it is.
};

/// A key that was lost to somebody else.
struct Revocation {
  std::string key;
  std::string since;  ///< A record of the feed; empty: the next one.
};

/// What a person wants a root to say: of a first root, all of it; of a later one, what is different
/// from the root before.
struct RootEdit {
  std::string display_name;
  std::string kind;  ///< "research"; empty: as it is.
  std::string days;  ///< Until it expires; empty: a year.
  RoleEdit root;
  RoleEdit release;
  std::vector<RoleEdit> scopes;
  std::vector<Revocation> revocations;
  RoleEdit anchors;  ///< They have no threshold.
  std::vector<std::string> add_locations;
  std::vector<std::string> remove_locations;
  std::vector<std::string> add_contacts;
  std::vector<std::string> remove_contacts;

  /// The role that the flags are about at this point of the command line.
  RoleEdit& release_or_scope() { return scopes.empty() ? release : scopes.back(); }
};

/// --scope, and `threshold`, which like all that goes to release_or_scope() belongs to the --scope
/// that stands before it.
void add_scope_flags(CLI::App& command, RootEdit& edit);
void add_expiry_flag(CLI::App& command, RootEdit& edit);
void add_kind_flag(CLI::App& command, RootEdit& edit);

/// What an edit is applied to besides the plan.
struct EditGround {
  const Keyring& keyring;
  std::int64_t now;  ///< Unix seconds.
  /// All keys that the publisher's roots have named, for revocations.
  std::vector<NamedKey> earlier_keys = {};
  /// The number that the feed's next record will have.
  std::uint64_t next_record = 0;
};
/// The error names the flag at fault.
Result<> apply(const RootEdit& edit, const EditGround& ground, trust::RootPlan& plan);

}  // namespace owrd::cli
