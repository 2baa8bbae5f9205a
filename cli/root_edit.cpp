#include "cli/root_edit.h"

#include <algorithm>
#include <charconv>

#include "cli/wording.h"
#include "daemon/trust/publisher_kind.h"

namespace owrd::cli {
namespace {

using trust::RootPlan;

constexpr std::int64_t kDaySeconds = 86400;
constexpr std::uint64_t kUsualDays = 365;
constexpr std::uint64_t kMostDays = 3650;
constexpr std::uint64_t kMostSigners = 64;
constexpr std::uint64_t kMostRecords = 1ull << 53;

Result<std::uint64_t> parse_number(const std::string& flag, const std::string& text,
                                   std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault == std::errc() && stop == end && number >= least && number <= most) return number;
  return Error{ErrorCode::InvalidInput,
               flag + " " + text + ": expected a number from " + std::to_string(least) + " to " +
                   std::to_string(most),
               "such as " + flag + " " + std::to_string(std::max<std::uint64_t>(least, 2))};
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

auto find_in(std::vector<NamedKey>& keys, const trust::PublicKey& key) {
  return std::find_if(keys.begin(), keys.end(),
                      [&key](const NamedKey& known) { return known.key == key; });
}

Result<> add_keys(const std::vector<std::string>& texts, const Keyring& keyring,
                  std::vector<NamedKey>& keys, const std::string& role) {
  for (const auto& text : texts) {
    const auto key = parse_key(keyring, text);
    if (!key) return key.error();
    if (find_in(keys, key->key) != keys.end())
      return Error{ErrorCode::AlreadyExists,
                   name_of(*key) + " is a key of the " + role + " already", "name each key once"};
    keys.push_back(*key);
  }
  return Done{};
}

Result<> remove_keys(const std::vector<std::string>& texts, const Keyring& keyring,
                     std::vector<NamedKey>& keys, const std::string& role) {
  for (const auto& text : texts) {
    const auto key = find_key(keys, keyring, text);
    if (!key)
      return Error{key.error().code, "the " + role + ": " + key.error().message, key.error().hint};
    keys.erase(find_in(keys, *key));
  }
  return Done{};
}

Result<> edit_keys(const RoleEdit& edit, const Keyring& keyring, std::vector<NamedKey>& keys,
                   const std::string& role) {
  // A key can make room for another one with its label.
  if (const auto removed = remove_keys(edit.remove, keyring, keys, role); !removed)
    return removed.error();
  return add_keys(edit.add, keyring, keys, role);
}

Result<> edit_role(const RoleEdit& edit, const Keyring& keyring, RootPlan::PlannedRole& role,
                   const std::string& name, const std::string& threshold_flag) {
  if (const auto edited = edit_keys(edit, keyring, role.keys, name); !edited) return edited.error();
  if (!edit.threshold.empty()) {
    const auto threshold = parse_number(threshold_flag, edit.threshold, 1, kMostSigners);
    if (!threshold) return threshold.error();
    role.threshold = static_cast<std::uint32_t>(*threshold);
  }
  return Done{};
}

Result<> check_threshold(const RootPlan::PlannedRole& role, const std::string& name,
                         const std::string& threshold_flag) {
  if (role.threshold <= role.keys.size()) return Done{};
  return Error{ErrorCode::InvalidInput,
               "the " + name + " has " + count_of(role.keys.size(), "key") + ", but " +
                   std::to_string(role.threshold) + " must sign",
               "name more keys, or a lower " + threshold_flag};
}

std::string scope_name(const std::vector<std::string>& models) {
  std::string name = "scope ";
  for (const auto& model : models) name += (model == models.front() ? "" : ",") + model;
  return name;
}

/// The scope of exactly these models, made when there is none.
RootPlan::PlannedScope& scope_of(RootPlan& plan, const std::vector<std::string>& models) {
  for (auto& scope : plan.scopes)
    if (scope.models == models) return scope;
  plan.scopes.push_back({models, {}});
  return plan.scopes.back();
}

Result<> edit_scopes(const RootEdit& edit, const Keyring& keyring, RootPlan& plan) {
  for (const auto& each : edit.scopes) {
    auto& scope = scope_of(plan, each.models);
    const bool is_new = scope.role.keys.empty();
    const auto name = scope_name(each.models);
    if (const auto edited = edit_role(each, keyring, scope.role, name, "--release-threshold");
        !edited)
      return edited.error();
    if (is_new && scope.role.keys.empty())
      return Error{ErrorCode::InvalidInput, "the " + name + " has no key that signs its releases",
                   "owrd help publisher init   (a release key belongs to the --scope before it)"};
  }
  return Done{};
}

Result<> check_roles(const RootPlan& plan) {
  if (const auto valid = check_threshold(plan.root, "root role", "--root-threshold"); !valid)
    return valid.error();
  if (const auto valid = check_threshold(plan.release, "release role", "--release-threshold");
      !valid)
    return valid.error();
  for (const auto& scope : plan.scopes)
    if (const auto valid =
            check_threshold(scope.role, scope_name(scope.models), "--release-threshold");
        !valid)
      return valid.error();
  return Done{};
}

Result<> revoke(const Revocation& revocation, const EditGround& ground, RootPlan& plan) {
  if (revocation.key.empty())
    return Error{ErrorCode::InvalidInput,
                 "--since " + revocation.since + ": no --revoke-key stands before it",
                 "--revoke-key KEY --since RECORD"};
  const auto key = find_key(ground.earlier_keys, ground.keyring, revocation.key);
  if (!key) return key.error();
  auto since = ground.next_record;
  if (!revocation.since.empty()) {
    const auto record = parse_number("--since", revocation.since, 0, kMostRecords);
    if (!record) return record.error();
    since = *record;
  }
  const auto is_it = [&key](const NamedKey& known) { return known.key == *key; };
  std::erase_if(plan.root.keys, is_it);
  std::erase_if(plan.release.keys, is_it);
  for (auto& scope : plan.scopes) std::erase_if(scope.role.keys, is_it);
  std::erase_if(plan.anchors, is_it);
  plan.revoked[key->id()] = since;
  return Done{};
}

Error no_such_text(const std::string& what, const std::string& text) {
  return Error{ErrorCode::NotFound, "the root names no " + what + " \"" + text + "\"",
               "owrd publisher show PUBLISHER   (what it names)"};
}

Result<> edit_texts(const std::vector<std::string>& add, const std::vector<std::string>& remove,
                    std::vector<std::string>& texts, const std::string& what) {
  for (const auto& text : remove)
    if (std::erase(texts, text) == 0) return no_such_text(what, text);
  for (const auto& text : add)
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  return Done{};
}

Result<> edit_roles(const RootEdit& edit, const EditGround& ground, RootPlan& plan) {
  const auto& keyring = ground.keyring;
  if (const auto edited = edit_role(edit.root, keyring, plan.root, "root role", "--root-threshold");
      !edited)
    return edited.error();
  if (const auto edited =
          edit_role(edit.release, keyring, plan.release, "release role", "--release-threshold");
      !edited)
    return edited.error();
  if (const auto edited = edit_scopes(edit, keyring, plan); !edited) return edited.error();
  for (const auto& revocation : edit.revocations)
    if (const auto revoked = revoke(revocation, ground, plan); !revoked) return revoked.error();
  std::erase_if(plan.scopes, [](const auto& scope) { return scope.role.keys.empty(); });
  if (const auto valid = check_roles(plan); !valid) return valid.error();
  return edit_keys(edit.anchors, keyring, plan.anchors, "anchors");
}

}  // namespace

void add_scope_flags(CLI::App& command, RootEdit& edit) {
  add_ordered(command, "--scope",
              "Models, such as 'atlas-*': the release keys after it sign these alone; may be "
              "repeated",
              [&edit](const std::string& text) {
                edit.scopes.push_back({split(text), {}, {}, {}});
              })
      ->type_name("GLOB[,GLOB]");
  add_ordered(command, "--release-threshold", "How many release keys must sign a release",
              [&edit](const std::string& text) { edit.release_or_scope().threshold = text; })
      ->type_name("N");
}

void add_expiry_flag(CLI::App& command, RootEdit& edit) {
  command.add_option("--expires", edit.days, "Days until the root must be renewed (default: 365)")
      ->type_name("DAYS");
}

void add_kind_flag(CLI::App& command, RootEdit& edit) {
  command
      .add_option("--kind", edit.kind,
                  "What the publisher is: corporate, research, academic, community, individual or "
                  "government")
      ->type_name("KIND")
      ->check(CLI::IsMember(
          {"corporate", "research", "academic", "community", "individual", "government"}));
}

Result<> apply(const RootEdit& edit, const EditGround& ground, RootPlan& plan) {
  auto days = kUsualDays;
  if (!edit.days.empty()) {
    const auto given = parse_number("--expires", edit.days, 1, kMostDays);
    if (!given) return given.error();
    days = *given;
  }
  plan.issued = ground.now;
  plan.expires = ground.now + static_cast<std::int64_t>(days) * kDaySeconds;
  if (!edit.display_name.empty()) plan.display_name = edit.display_name;
  if (const auto kind = trust::publisher_kind_of(edit.kind)) plan.kind = *kind;
  if (const auto edited = edit_roles(edit, ground, plan); !edited) return edited.error();
  if (const auto edited =
          edit_texts(edit.add_locations, edit.remove_locations, plan.locations, "location");
      !edited)
    return edited.error();
  return edit_texts(edit.add_contacts, edit.remove_contacts, plan.contacts, "contact");
}

}  // namespace owrd::cli
