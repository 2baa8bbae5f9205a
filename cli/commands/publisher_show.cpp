#include <ctime>

#include "cli/commands/publisher.h"
#include "cli/key_names.h"
#include "cli/publishers.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct ShowOptions {
  std::string name;
  bool verify_chain = false;
};

void add_flags(CLI::App& command, ShowOptions& options) {
  add_publisher_name(command, options.name);
  command.add_flag("--verify-chain", options.verify_chain,
                   "Verify its roots here, from the first on, and print a line for each");
}

/// "roots and releases", "releases of atlas-*", "nothing any more, revoked from record 17 on".
std::string uses_of(const v1::PublisherKey& key) {
  std::vector<std::string> uses;
  if (key.signs_roots()) uses.emplace_back("roots");
  if (key.signs_releases()) uses.emplace_back("releases");
  for (const auto& scope : key.scopes()) uses.push_back("releases of " + scope);
  auto text = uses.empty() ? "nothing" : joined(uses);
  if (key.is_revoked())
    text += ", revoked from record " + std::to_string(key.revoked_since_record()) + " on";
  return text;
}

using AddRow = std::function<void(const std::string&, const Cell&)>;

void add_identity(const AddRow& add, const v1::PublisherRecord& publisher) {
  add("petname", publisher.petname());
  add("name", publisher.display_name());
  add("publisher id", publisher.id());
  add("fingerprint", fingerprint_of(publisher.id()));
  add("root", "version " + std::to_string(publisher.root_version()) + ", expires " +
                  format_time(publisher.root_expires()));
  if (publisher.is_own()) add("announced by", std::string("this daemon"));
  add("pinned", format_time(publisher.pinned()));
  add("releases", std::to_string(publisher.releases()));
  add("thresholds", std::to_string(publisher.root_threshold()) + " for a root, " +
                        std::to_string(publisher.release_threshold()) + " for a release");
  if (!publisher.kind().empty()) add("kind", publisher.kind());
  for (const auto& contact : publisher.contacts()) add("contact", contact);
}

void add_keys(const AddRow& add, const v1::PublisherRecord& publisher) {
  for (const auto& key : publisher.keys())
    add("key", key.key_id() + "  " + key.label() + "  signs " + uses_of(key));
  if (!publisher.head_key().empty()) add("head key", publisher.head_key());
  for (const auto& key : publisher.locator_keys()) add("locator key", key);
  for (const auto& key : publisher.anchor_keys()) add("anchor key", key);
}

void add_feed(const AddRow& add, const v1::PublisherRecord& publisher) {
  add("freshness", freshness_of(publisher, std::time(nullptr)));
  if (publisher.head_sequence() > 0) {
    add("head", std::to_string(publisher.head_sequence()) + ", issued " +
                    format_time(publisher.head_issued()) + ", expires " +
                    format_time(publisher.head_expires()));
    add("checked", format_time(publisher.head_checked()));
    add("feed", count_of(publisher.feed_records(), "record") + ", " +
                    count_of(publisher.listed_releases(), "release"));
  }
  for (const auto& location : publisher.locations()) add("location", location);
  if (!publisher.link().empty()) add("link", publisher.link());
  if (publisher.evidence() > 0)
    add("evidence", std::to_string(publisher.evidence()) + " against it: owrd publisher evidence " +
                        publisher.petname());
}

Table table_of(const v1::ShowPublisherReply& reply) {
  const auto& publisher = reply.publisher();
  Table table{{{""}, {""}}, {}};
  const AddRow add = [&table](const std::string& name, const Cell& value) {
    table.rows.push_back({Cell(name), value});
  };
  add_identity(add, publisher);
  add_keys(add, publisher);
  add_feed(add, publisher);
  for (const auto& root : reply.roots())
    add("root " + std::to_string(root.version()),
        "issued " + format_time(root.issued()) + ", signed by " + joined(root.signed_by()) +
            ", seen " + format_time(root.seen()) + " from " + root.source());
  return table;
}

/// Of those that the daemon has sent, the record of a version; an empty one when there is none.
v1::RootRecord record_of(const v1::ShowPublisherReply& reply, std::uint64_t version) {
  for (const auto& record : reply.roots())
    if (record.version() == version) return record;
  return {};
}

/// What the signed bytes say themselves, and from the daemon only when and where it saw them.
v1::RootRecord verified_record(const trust::Root& root, const v1::ShowPublisherReply& reply) {
  auto record = record_of(reply, root.version());
  record.set_version(root.version());
  record.set_issued(root.issued());
  record.set_expires(root.expires());
  record.set_root_threshold(root.root_role().threshold);
  record.set_root_keys(static_cast<std::uint32_t>(root.root_role().keys.size()));
  record.set_release_threshold(root.release_role().threshold);
  record.set_release_keys(static_cast<std::uint32_t>(root.release_role().keys.size()));
  record.clear_signed_by();
  for (const auto& key : keys_of(root.message()))
    if (root.signers().contains(key.key)) record.add_signed_by(name_of(key));
  return record;
}

std::vector<Cell> row_of(const v1::RootRecord& root) {
  return {std::to_string(root.version()),
          {format_time(root.issued()).substr(0, 10), format_time(root.issued())},
          {format_time(root.expires()).substr(0, 10), format_time(root.expires())},
          joined(root.signed_by()),
          std::to_string(root.root_threshold()) + " of " + std::to_string(root.root_keys()),
          std::to_string(root.release_threshold()) + " of " + std::to_string(root.release_keys()),
          {root.seen() == 0 ? "" : age(root.seen(), std::time(nullptr)), format_time(root.seen())},
          root.source()};
}

Result<int> verify_chain(Context& context, const v1::ShowPublisherReply& reply) {
  const auto chain = chain_of(reply);
  if (!chain) return chain.error();
  auto& output = context.output();
  Table table{{{"VERSION", true},
               {"ISSUED"},
               {"EXPIRES"},
               {"SIGNED BY"},
               {"ROOT KEYS"},
               {"RELEASE KEYS"},
               {"SEEN"},
               {"FROM"}},
              {}};
  for (const auto& root : chain->roots()) {
    const auto record = verified_record(root, reply);
    if (context.json()) output.record(root_record(record));
    table.rows.push_back(row_of(record));
  }
  if (!context.json()) output.table(table);
  output.good("each of the " + count_of(chain->roots().size(), "root") + " of " +
              reply.publisher().petname() + " follows from the one before it, the first is " +
              fingerprint_of(reply.publisher().id()));
  return 0;
}

Result<int> run_show(Context& context, const ShowOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply = show_publisher(**daemon, options.name);
  if (!reply) return reply.error();
  if (options.verify_chain) return verify_chain(context, *reply);
  auto& output = context.output();
  if (context.json()) {
    auto record = publisher_record(reply->publisher());
    record["roots"] = Json::array();
    for (const auto& root : reply->roots()) record["roots"].push_back(root_record(root));
    output.record(record);
  } else if (output.look().quiet) {
    output.result(reply->publisher().id());
  } else {
    output.table(table_of(*reply));
  }
  return 0;
}

}  // namespace

void add_publisher_show(CommandLine& line, CLI::App& group) {
  add_command<ShowOptions>(
      line, group,
      {"show", kTrustGroup, "Show a publisher: its keys, its roots, and whether it is fresh",
       "owrd publisher show acme\nowrd publisher show acme --verify-chain"},
      add_flags, run_show);
}

}  // namespace owrd::cli
