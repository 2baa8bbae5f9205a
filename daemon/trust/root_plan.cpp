#include "daemon/trust/root_plan.h"

#include <cassert>
#include <set>

namespace owrd::trust {
namespace {

void set_key(v1::Key& out, const PublicKey& key, const std::string& label) {
  out.set_algorithm(v1::KEY_ALGORITHM_ED25519);
  out.set_public_key(std::string(as_text(key.bytes())));
  out.set_label(label);
}

/// Writes roles, and lists each of their keys once, in the order in which they come.
class Writer {
 public:
  explicit Writer(v1::Root& root) : root_(root) {}

  void write(const RootPlan::PlannedRole& role, v1::Role& out) {
    for (const auto& each : role.keys) {
      out.add_key_ids(each.key.id().to_field());
      if (listed_.insert(each.key).second) set_key(*root_.add_keys(), each.key, each.label);
    }
    out.set_threshold(role.threshold);
  }

 private:
  v1::Root& root_;
  std::set<PublicKey> listed_;
};

void write_roles(const RootPlan& plan, v1::Root& root) {
  Writer writer(root);
  writer.write(plan.root, *root.mutable_root());
  writer.write(plan.release, *root.mutable_release());
  for (const auto& scope : plan.scopes) {
    auto& out = *root.add_scopes();
    out.mutable_models()->Add(scope.models.begin(), scope.models.end());
    writer.write(scope.role, *out.mutable_role());
  }
}

void write_places(const RootPlan& plan, v1::Root& root) {
  if (plan.head) set_key(*root.mutable_head(), *plan.head, "");
  for (const auto& locator : plan.locators) set_key(*root.add_locators(), locator, "");
  for (const auto& anchor : plan.anchors) set_key(*root.add_anchors(), anchor.key, anchor.label);
  root.mutable_locations()->Add(plan.locations.begin(), plan.locations.end());
}

v1::Root write_root(const RootPlan& plan, const Root* previous) {
  v1::Root root;
  if (previous != nullptr) root.set_publisher_id(previous->publisher_id().to_field());
  root.set_version(previous == nullptr ? 1 : previous->version() + 1);
  root.set_issued(plan.issued);
  root.set_expires(plan.expires);
  root.set_display_name(plan.display_name);
  root.mutable_contacts()->Add(plan.contacts.begin(), plan.contacts.end());
  root.set_kind(plan.kind);
  write_roles(plan, root);
  write_places(plan, root);
  for (const auto& [key_id, since] : plan.revoked) {
    auto& revoked = *root.add_revoked();
    revoked.set_key_id(key_id.to_field());
    revoked.set_since_record(since);
  }
  return root;
}

RootPlan::NamedKey read_key(const v1::Key& key) {
  const auto public_key = PublicKey::from_bytes(as_bytes(key.public_key()));
  assert(public_key);  // A Root keeps the rules.
  return {*public_key, key.label()};
}

RootPlan::PlannedRole read_role(const v1::Role& role,
                                const std::map<std::string, RootPlan::NamedKey>& keys) {
  RootPlan::PlannedRole out;
  for (const auto& id : role.key_ids()) out.keys.push_back(keys.at(id));
  out.threshold = role.threshold();
  return out;
}

void read_roles(const v1::Root& root, RootPlan& plan) {
  std::map<std::string, RootPlan::NamedKey> keys;
  for (const auto& each : root.keys()) {
    auto key = read_key(each);
    keys.emplace(key.key.id().to_field(), std::move(key));
  }
  plan.root = read_role(root.root(), keys);
  plan.release = read_role(root.release(), keys);
  for (const auto& scope : root.scopes())
    plan.scopes.push_back(
        {{scope.models().begin(), scope.models().end()}, read_role(scope.role(), keys)});
}

}  // namespace

RootPlan plan_of(const Root& root) {
  const auto& message = root.message();
  RootPlan plan;
  plan.display_name = message.display_name();
  plan.contacts.assign(message.contacts().begin(), message.contacts().end());
  plan.kind = message.kind();
  plan.issued = message.issued();
  plan.expires = message.expires();
  read_roles(message, plan);
  plan.head = root.head_key();
  plan.locators = root.locators();
  for (const auto& anchor : message.anchors()) plan.anchors.push_back(read_key(anchor));
  plan.locations.assign(message.locations().begin(), message.locations().end());
  plan.revoked = root.revoked();
  return plan;
}

Result<Bytes> make_root_payload(const RootPlan& plan, const Root* previous) {
  auto payload = to_bytes(write_root(plan, previous).SerializeAsString());
  // What every reader would refuse is better said before anyone signs it.
  if (const auto root = read_root_payload(payload, previous); !root)
    return Error{ErrorCode::InvalidInput, root.error().message,
                 "every owrd would refuse this root: change what it is to say"};
  return payload;
}

}  // namespace owrd::trust
