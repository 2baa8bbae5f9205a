#include "cli/release_keys.h"

#include <algorithm>

#include "daemon/trust/release_signers.h"

namespace owrd::cli {
namespace {

using KeyFiles = std::vector<trust::KeyFile>;

/// The roles that sign releases of the model.
std::vector<trust::KeyRole> roles_of(const SigningTask& task) {
  std::vector<trust::KeyRole> roles = {task.root.release_role()};
  for (const auto& scope : task.root.scopes())
    if (std::any_of(scope.models.begin(), scope.models.end(), [&task](const auto& pattern) {
          return trust::matches_glob(pattern, task.model);
        }))
      roles.push_back(scope.role);
  return roles;
}

/// Those of `keys` that count in the role.
KeyFiles within(const KeyFiles& keys, const trust::KeyRole& role, const trust::Root& root) {
  KeyFiles fitting;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(fitting), [&](const auto& key) {
    return role.keys.contains(key.public_key) && !root.revoked().contains(key.public_key.id());
  });
  return fitting;
}

Result<KeyFiles> named_keys(const Keyring& keyring, const SigningTask& task,
                            const std::vector<std::string>& names) {
  KeyFiles keys;
  for (const auto& name : names) {
    auto key = keyring.find(name);
    if (!key) return key.error();
    const auto roles = roles_of(task);
    if (std::all_of(roles.begin(), roles.end(),
                    [&](const auto& role) { return within({*key}, role, task.root).empty(); }))
      return Error{
          ErrorCode::Untrusted,
          "the key \"" + name + "\" is no release key of " + task.petname + " for " + task.model,
          "owrd publisher show " + task.petname};
    keys.push_back(std::move(*key));
  }
  return keys;
}

/// `best` is the role that most of the keys fit, `have` how many.
Error too_few(const SigningTask& task, const trust::KeyRole& best, std::size_t have) {
  if (have == 0)
    return Error{ErrorCode::NotFound, "no key in your keyring may sign releases of " + task.petname,
                 "owrd publisher show " + task.petname + "   (its keys), owrd key ls   (yours)"};
  return Error{ErrorCode::NotFound,
               std::to_string(best.threshold) + " keys must sign a release of " + task.petname +
                   ", and here are " + std::to_string(have),
               "--key NAME, once for each"};
}

}  // namespace

Result<KeyFiles> choose_release_keys(const Keyring& keyring, const SigningTask& task,
                                     const std::vector<std::string>& names) {
  const auto candidates = names.empty() ? keyring.list() : named_keys(keyring, task, names);
  if (!candidates) return candidates.error();
  std::size_t most = 0;
  auto best = task.root.release_role();
  for (const auto& role : roles_of(task)) {
    auto keys = within(*candidates, role, task.root);
    if (keys.size() > most) {
      most = keys.size();
      best = role;
    }
    if (keys.size() < role.threshold) continue;
    if (names.empty() && keys.size() > role.threshold)
      return Error{ErrorCode::InvalidInput,
                   "several of your keys may sign releases of " + task.petname,
                   "--key " + keys.front().name};
    return names.empty() ? keys : *candidates;
  }
  return too_few(task, best, most);
}

std::string seal_with(trust::PayloadKind kind, ByteView payload,
                      const std::vector<trust::SecretKey>& keys) {
  std::vector<const trust::SecretKey*> pointers;
  pointers.reserve(keys.size());
  for (const auto& key : keys) pointers.push_back(&key);
  return std::string(as_text(trust::seal(kind, payload, pointers)));
}

}  // namespace owrd::cli
