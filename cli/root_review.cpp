#include "cli/root_review.h"

#include <algorithm>
#include <map>

#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/trust/publisher_kind.h"

namespace owrd::cli {
namespace {

using Labels = std::map<Digest, NamedKey>;
using Facts = std::vector<RootFact>;

constexpr std::size_t kNameColumns = 18;

Labels labels_of(const v1::Root& root) {
  Labels labels;
  for (auto& key : keys_of(root)) labels.emplace(key.key.id(), std::move(key));
  return labels;
}

void add(Facts& facts, const std::string& name, const std::string& text) {
  facts.push_back({name, text, text});
}

void add_key(Facts& facts, const std::string& name, const v1::Key& key) {
  const auto parsed = trust::PublicKey::from_bytes(as_bytes(key.public_key()));
  if (!parsed) return;
  facts.push_back(
      {name, name_of(NamedKey{*parsed, key.label()}), key.label() + public_key_text(*parsed)});
}

void add_role(Facts& facts, const std::string& name, const v1::Role& role, const Labels& labels) {
  for (const auto& field : role.key_ids()) {
    const auto id = Digest::from_bytes(as_bytes(field));
    if (!id) continue;
    const auto key = labels.find(*id);
    if (key == labels.end()) continue;
    facts.push_back({name + " key", name_of(key->second),
                     key->second.label + public_key_text(key->second.key)});
  }
  add(facts, name + " threshold",
      std::to_string(role.threshold()) + " of " + std::to_string(role.key_ids_size()));
}

void add_revoked(Facts& facts, const v1::RevokedKey& revoked, const Labels& labels) {
  const auto id = Digest::from_bytes(as_bytes(revoked.key_id()));
  if (!id) return;
  const auto key = labels.find(*id);
  const auto since = " from record " + std::to_string(revoked.since_record()) + " on";
  facts.push_back({"revoked",
                   (key == labels.end() ? trust::fingerprint(*id) : name_of(key->second)) + since,
                   id->to_hex() + since});
}

std::string scope_name(const v1::Scope& scope) {
  std::string name;
  for (const auto& model : scope.models()) name += (name.empty() ? "scope " : ",") + model;
  return name;
}

void note_fact(Output& output, const std::string& mark, const RootFact& fact) {
  auto name = fact.name;
  name.resize(std::max(name.size() + 2, kNameColumns), ' ');
  output.note(mark + name + fact.shown);
}

/// Those of `facts` that `others` lack.
Facts only_in(const Facts& facts, const Facts& others) {
  Facts rest;
  std::copy_if(facts.begin(), facts.end(), std::back_inserter(rest), [&](const RootFact& fact) {
    return std::none_of(others.begin(), others.end(), [&fact](const RootFact& other) {
      return other.name == fact.name && other.exact == fact.exact;
    });
  });
  return rest;
}

void show_changes(Output& output, const v1::Root& before, const v1::Root& after) {
  const auto old_facts = facts_of(before);
  const auto new_facts = facts_of(after);
  output.note("what it changes of version " + std::to_string(before.version()) + ":");
  for (const auto& fact : only_in(old_facts, new_facts)) note_fact(output, "  - ", fact);
  for (const auto& fact : only_in(new_facts, old_facts)) note_fact(output, "  + ", fact);
}

std::vector<std::string> names_of(const std::set<trust::PublicKey>& keys, const Labels& labels) {
  std::vector<std::string> names;
  for (const auto& key : keys) {
    const auto known = labels.find(key.id());
    names.push_back(known == labels.end() ? trust::fingerprint(key.id()) : name_of(known->second));
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The labels of both roots: a key that the draft leaves out must sign it too.
Labels labels_of(const Ceremony& ceremony) {
  auto labels = labels_of(ceremony.root());
  if (ceremony.previous() != nullptr) labels.merge(labels_of(ceremony.previous()->message()));
  return labels;
}

std::string missing_of(const trust::RootDraft::Missing& need, const Labels& labels) {
  return std::to_string(need.threshold - need.signed_by.size()) +
         " more of the root keys of version " + std::to_string(need.root_version) + ": " +
         joined(names_of(need.could_sign, labels));
}

}  // namespace

Facts facts_of(const v1::Root& root) {
  Facts facts;
  const auto labels = labels_of(root);
  add(facts, "display name", root.display_name());
  if (root.kind() != v1::PUBLISHER_KIND_UNSPECIFIED)
    add(facts, "kind", std::string(trust::to_string(root.kind())));
  for (const auto& contact : root.contacts()) add(facts, "contact", contact);
  add(facts, "expires", format_time(root.expires()));
  add_role(facts, "root", root.root(), labels);
  add_role(facts, "release", root.release(), labels);
  for (const auto& scope : root.scopes()) add_role(facts, scope_name(scope), scope.role(), labels);
  for (const auto& revoked : root.revoked()) add_revoked(facts, revoked, labels);
  if (root.has_head()) add_key(facts, "head key", root.head());
  for (const auto& key : root.locators()) add_key(facts, "locator key", key);
  for (const auto& key : root.anchors()) add_key(facts, "anchor key", key);
  for (const auto& location : root.locations()) add(facts, "location", location);
  for (const auto& feature : root.required_features()) add(facts, "feature", feature);
  return facts;
}

void show_root(Output& output, const Ceremony& ceremony) {
  const auto& root = ceremony.root();
  output.note("root version " + std::to_string(root.version()) + " of " + root.display_name() +
              " (" + trust::fingerprint(ceremony.publisher_id()) + ")");
  for (const auto& fact : facts_of(root)) note_fact(output, "  ", fact);
  if (ceremony.previous() != nullptr) show_changes(output, ceremony.previous()->message(), root);
}

std::string missing_text(const Ceremony& ceremony) {
  std::string text;
  const auto labels = labels_of(ceremony);
  for (const auto& need : ceremony.draft().needs)
    if (!need.is_met()) text += (text.empty() ? "" : "; ") + missing_of(need, labels);
  return text;
}

void show_missing(Output& output, const Ceremony& ceremony, const std::string& file) {
  const auto labels = labels_of(ceremony);
  for (const auto& need : ceremony.draft().needs)
    if (!need.is_met()) output.note("still to sign: " + missing_of(need, labels));
  const auto name = shell_quote(file);
  if (ceremony.draft().is_complete()) {
    output.hint("it has all its signatures:  owrd publisher submit " + name);
    return;
  }
  output.hint("each of them:  owrd publisher sign " + name + " --key NAME");
  const bool is_first = ceremony.root().version() == 1;
  output.hint("then:  owrd publisher submit " + name + (is_first ? " --as PETNAME" : ""));
}

Json ceremony_record(const Ceremony& ceremony, const std::string& file) {
  const auto labels = labels_of(ceremony);
  auto needs = Json::array();
  for (const auto& need : ceremony.draft().needs)
    needs.push_back(Json{{"root_version", need.root_version},
                         {"threshold", need.threshold},
                         {"signed_by", strings(names_of(need.signed_by, labels))},
                         {"could_sign", strings(names_of(need.could_sign, labels))}});
  auto facts = Json::array();
  for (const auto& fact : facts_of(ceremony.root()))
    facts.push_back(Json{{"name", fact.name}, {"value", fact.shown}});
  return Json{{"type", "draft"},
              {"path", file},
              {"publisher_id", ceremony.publisher_id().to_hex()},
              {"fingerprint", trust::fingerprint(ceremony.publisher_id())},
              {"display_name", ceremony.root().display_name()},
              {"root_version", ceremony.root().version()},
              {"complete", ceremony.draft().is_complete()},
              {"needs", needs},
              {"root", facts}};
}

}  // namespace owrd::cli
