#include <cctype>
#include <ctime>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/passphrase.h"
#include "cli/records.h"
#include "cli/source.h"
#include "cli/wording.h"
#include "daemon/core/ref.h"
#include "daemon/core/units.h"
#include "daemon/release/bundle.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root_plan.h"

namespace owrd::cli {
namespace {

constexpr std::int64_t kRootLifetimeSeconds = 365LL * 86400;

Result<v1::AddPublisherReply> add(Daemon& daemon, const std::string& bundle,
                                  const std::string& petname, bool dry_run) {
  v1::AddPublisherRequest request;
  request.set_bundle(bundle);
  request.set_petname(petname);
  request.set_dry_run(dry_run);
  return daemon.client.call<v1::AddPublisherReply>("Publishers/Add", request);
}

Result<v1::ShowPublisherReply> show(Daemon& daemon, const std::string& name) {
  v1::ShowPublisherRequest request;
  request.set_name(name);
  return daemon.client.call<v1::ShowPublisherReply>("Publishers/Show", request);
}

Result<> check_petname(const std::string& petname) {
  if (is_valid_petname(petname)) return Done{};
  return Error{ErrorCode::InvalidInput,
               "petname \"" + petname +
                   "\": lower-case letters, digits, '-' and '.' only, a letter first, at most 63",
               "such as acme or acme-labs"};
}

// ---- init

struct InitOptions {
  std::string petname;
  std::string key;
  std::string display_name;
  std::string passphrase_file;
};

void add_init_flags(CLI::App& command, InitOptions& options) {
  command.add_option("petname", options.petname, "What you are called in refs")
      ->required()
      ->type_name("PETNAME");
  command.add_option("--key", options.key, "The key that signs roots and releases")
      ->required()
      ->type_name("NAME");
  command
      .add_option("--display-name", options.display_name, "What people read (default: the petname)")
      ->type_name("TEXT");
  command.add_option("--passphrase-file", options.passphrase_file, "Its first line opens the key")
      ->type_name("FILE");
}

Result<std::string> make_bundle(Context& context, const InitOptions& options) {
  const auto file = context.keyring().find(options.key);
  if (!file) return file.error();
  const auto key = unlock(context, *file, options.passphrase_file);
  if (!key) return key.error();
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  trust::RootPlan plan;
  plan.display_name = options.display_name.empty() ? options.petname : options.display_name;
  plan.issued = now;
  plan.expires = now + kRootLifetimeSeconds;
  plan.root.keys = plan.release.keys = {{key->public_key(), options.key}};
  const auto payload = trust::make_root_payload(plan, /*previous=*/nullptr);
  if (!payload)
    return Error{payload.error().code, payload.error().message,
                 "--display-name TEXT, one line of at most 200 bytes"};
  const auto root = trust::seal(trust::PayloadKind::Root, *payload, {&*key});
  v1::Bundle bundle;
  bundle.add_roots(std::string(as_text(root)));
  return std::string(as_text(release::encode_bundle(bundle)));
}

Result<int> run_init(Context& context, const InitOptions& options) {
  if (const auto valid = check_petname(options.petname); !valid) return valid.error();
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  if (const auto known = show(**daemon, options.petname); known)
    return Error{
        ErrorCode::AlreadyExists,
        "a publisher \"" + options.petname + "\" is pinned already: " + known->publisher().id(),
        "choose another petname, or: owrd publisher rm " + options.petname};
  const auto bundle = make_bundle(context, options);
  if (!bundle) return bundle.error();
  const auto reply = add(**daemon, *bundle, options.petname, /*dry_run=*/false);
  if (!reply) return reply.error();
  auto& output = context.output();
  const auto& publisher = reply->publisher();
  output.good("publisher " + publisher.petname() + " (" + fingerprint_of(publisher.id()) +
              "), its root expires on " + format_time(publisher.root_expires()).substr(0, 10));
  output.hint("what users pin:  owrd publisher export " + publisher.petname() + " -o " +
              publisher.petname() + ".owrp");
  if (context.json())
    output.record(publisher_record(publisher));
  else
    output.result(publisher.id());
  return 0;
}

// ---- export

struct ExportOptions {
  std::string petname;
  std::string output;
};

void add_export_flags(CLI::App& command, ExportOptions& options) {
  command.add_option("petname", options.petname, "The publisher")->required()->type_name("PETNAME");
  command.add_option("-o,--output", options.output, "Where to write it; - is standard output")
      ->required()
      ->type_name("FILE");
}

Result<int> run_export(Context& context, const ExportOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply = show(**daemon, options.petname);
  if (!reply) return reply.error();
  auto& output = context.output();
  if (options.output == "-") {
    output.raw(reply->bundle());
    return 0;
  }
  if (const auto written = write_file(options.output, as_bytes(reply->bundle())); !written)
    return written.error();
  output.good("wrote publisher " + reply->publisher().petname() + " (" +
              fingerprint_of(reply->publisher().id()) +
              "): say the fingerprint where it cannot be forged");
  if (context.json()) {
    auto record = publisher_record(reply->publisher());
    record["path"] = absolute_path(options.output);
    output.record(record);
  } else {
    output.result(options.output);
  }
  return 0;
}

// ---- add

struct AddOptions {
  std::string source;
  std::string petname;
  std::string fingerprint;
};

void add_add_flags(CLI::App& command, AddOptions& options) {
  command.add_option("source", options.source, "A .owrp or .owr file, or its https:// URL")
      ->required()
      ->type_name("FILE|URL");
  command.add_option("--as", options.petname, "What you call it (default: its own name)")
      ->type_name("PETNAME");
  command
      .add_option("--fingerprint", options.fingerprint,
                  "Its publisher id or fingerprint, from elsewhere: pin it without a question, or "
                  "refuse it")
      ->type_name("ID");
}

/// Digits only, lower case; empty when it is neither an id nor a fingerprint.
std::string digits_of(std::string text) {
  if (text.starts_with("sha256:")) text.erase(0, 7);
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == ':' || c == '-') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return "";
    digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return digits.size() == 16 || digits.size() == 64 ? digits : "";
}

Result<> check_fingerprint(const v1::PublisherRecord& publisher, const std::string& wanted) {
  const auto digits = digits_of(wanted);
  if (digits.empty())
    return Error{ErrorCode::InvalidInput,
                 "--fingerprint \"" + wanted +
                     "\": expected 64 hex digits, or 16 in groups such as \"3F7A 91C2 0B44 88E1\"",
                 "ask the publisher for it: owrd publisher show prints it"};
  if (publisher.id().starts_with(digits)) return Done{};
  return Error{ErrorCode::BadSignature,
               "this is not the publisher that you expect: its fingerprint is " +
                   fingerprint_of(publisher.id()),
               "get the file again, from the publisher itself"};
}

void describe(Output& output, const v1::PublisherRecord& publisher) {
  std::string name = publisher.petname();
  if (publisher.display_name() != publisher.petname()) name += " — " + publisher.display_name();
  output.note(name + "    " + fingerprint_of(publisher.id()));
  output.note("  publisher id  " + publisher.id());
  output.note("  keys          " +
              count_of(static_cast<std::uint64_t>(publisher.keys_size()), "key") + ", " +
              std::to_string(publisher.release_threshold()) + " must sign a release");
  output.note("  root          version " + std::to_string(publisher.root_version()) +
              ", expires on " + format_time(publisher.root_expires()).substr(0, 10));
  for (const auto& contact : publisher.contacts()) output.note("  contact       " + contact);
}

Result<bool> is_trusted(Context& context, const v1::PublisherRecord& publisher,
                        const AddOptions& options) {
  if (!options.fingerprint.empty()) {
    if (const auto matches = check_fingerprint(publisher, options.fingerprint); !matches)
      return matches.error();
    return true;
  }
  context.output().note("This publisher will be able to publish any " + publisher.petname() +
                        "/* release to you.");
  context.output().note("Compare the fingerprint with an independent source.");
  auto answer = context.confirm("Trust it?");
  if (!answer && !context.can_ask())
    return Error{answer.error().code,
                 "nobody can be asked whether to trust " + fingerprint_of(publisher.id()),
                 "--fingerprint ID with the id from an independent source, or --yes"};
  return answer;
}

int finish_add(Context& context, const v1::AddPublisherReply& reply,
               const std::string& earlier_petname) {
  const auto& publisher = reply.publisher();
  auto& output = context.output();
  if (!reply.was_known())
    output.good("pinned " + publisher.petname());
  else if (publisher.petname() == earlier_petname)
    output.good("was pinned already: " + publisher.petname());
  else
    output.good("was pinned already as " + earlier_petname + "; it is " + publisher.petname() +
                " now");
  if (context.json())
    output.record(publisher_record(publisher));
  else if (output.look().quiet)
    output.result(publisher.petname());
  else
    output.result(publisher.petname() + "\t" + publisher.id());
  return 0;
}

Result<int> run_add(Context& context, const AddOptions& options) {
  if (!options.petname.empty())
    if (const auto valid = check_petname(options.petname); !valid) return valid.error();
  const auto bytes = read_bundle(options.source);
  if (!bytes) return bytes.error();
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const std::string bundle(as_text(*bytes));
  const auto preview = add(**daemon, bundle, options.petname, /*dry_run=*/true);
  if (!preview) return preview.error();
  describe(context.output(), preview->publisher());
  if (!preview->was_known() || !options.fingerprint.empty()) {
    const auto trusted = is_trusted(context, preview->publisher(), options);
    if (!trusted) return trusted.error();
    if (!*trusted) {
      context.output().note("not pinned");
      return 1;
    }
  }
  const auto& found_as = preview->publisher().petname();
  const auto& petname = options.petname.empty() ? found_as : options.petname;
  const auto reply = add(**daemon, bundle, petname, /*dry_run=*/false);
  if (!reply) return reply.error();
  return finish_add(context, *reply, found_as);
}

// ---- ls, show, rm

struct LsOptions {};

void add_ls_flags(CLI::App&, LsOptions&) {}

Result<int> run_ls(Context& context, const LsOptions&) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply = (*daemon)->client.call<v1::ListPublishersReply>("Publishers/List",
                                                                     v1::ListPublishersRequest());
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"PETNAME"}, {"NAME"}, {"RELEASES", true}, {"ROOT EXPIRES"}, {"PUBLISHER ID"}}, {}};
  for (const auto& publisher : reply->publishers()) {
    if (context.json())
      output.record(publisher_record(publisher));
    else if (output.look().quiet)
      output.result(publisher.petname());
    else
      table.rows.push_back({publisher.petname(),
                            publisher.display_name(),
                            std::to_string(publisher.releases()),
                            {format_time(publisher.root_expires()).substr(0, 10),
                             format_time(publisher.root_expires())},
                            publisher.id()});
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->publishers().empty())
    output.note("no publisher is pinned yet; owrd help publisher add");
  return 0;
}

struct NameOptions {
  std::string name;
};

void add_name_flags(CLI::App& command, NameOptions& options) {
  command
      .add_option("publisher", options.name, "A petname, or at least 12 digits of a publisher id")
      ->required()
      ->type_name("PUBLISHER");
}

Table table_of(const v1::PublisherRecord& publisher) {
  Table table{{{""}, {""}}, {}};
  const auto add_row = [&table](const std::string& name, const std::string& value) {
    table.rows.push_back({Cell(name), Cell(value)});
  };
  add_row("petname", publisher.petname());
  add_row("name", publisher.display_name());
  add_row("publisher id", publisher.id());
  add_row("fingerprint", fingerprint_of(publisher.id()));
  add_row("root", "version " + std::to_string(publisher.root_version()) + ", expires " +
                      format_time(publisher.root_expires()));
  add_row("pinned", format_time(publisher.pinned()));
  add_row("releases", std::to_string(publisher.releases()));
  add_row("thresholds", std::to_string(publisher.root_threshold()) + " for a root, " +
                            std::to_string(publisher.release_threshold()) + " for a release");
  for (const auto& contact : publisher.contacts()) add_row("contact", contact);
  for (const auto& key : publisher.keys()) {
    std::string uses = key.signs_roots() ? "roots" : "";
    if (key.signs_releases()) uses += uses.empty() ? "releases" : " and releases";
    add_row("key",
            key.key_id() + "  " + key.label() + "  signs " + (uses.empty() ? "nothing" : uses));
  }
  return table;
}

Result<int> run_show(Context& context, const NameOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply = show(**daemon, options.name);
  if (!reply) return reply.error();
  auto& output = context.output();
  if (context.json())
    output.record(publisher_record(reply->publisher()));
  else if (output.look().quiet)
    output.result(reply->publisher().id());
  else
    output.table(table_of(reply->publisher()));
  return 0;
}

Result<int> run_rm(Context& context, const NameOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const auto known = show(**daemon, options.name);
  if (!known) return known.error();
  const auto& publisher = known->publisher();
  const auto is_sure =
      context.confirm("Remove publisher " + publisher.petname() + " (" +
                      fingerprint_of(publisher.id()) + ")? Nothing new of it will be believed.");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) {
    context.output().note("nothing removed");
    return 1;
  }
  v1::RemovePublisherRequest request;
  request.set_name(publisher.petname());
  const auto reply = (*daemon)->client.call<v1::RemovePublisherReply>("Publishers/Remove", request);
  if (!reply) return reply.error();
  context.output().good("removed publisher " + publisher.petname());
  if (context.json()) context.output().record(publisher_record(reply->publisher()));
  return 0;
}

}  // namespace

void add_publisher(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"publisher", kTrustGroup, "Who may publish to you, and who you are as a publisher",
             "owrd publisher add acme.owrp\nowrd publisher init acme --key acme-2026"});
  add_command<InitOptions>(line, *group,
                           {"init", kTrustGroup, "Become a publisher: make and pin your own root",
                            "owrd publisher init acme --key acme-2026 --display-name 'Acme Labs'"},
                           add_init_flags, run_init);
  add_command<ExportOptions>(line, *group,
                             {"export", kTrustGroup, "Write a .owrp file: what users pin",
                              "owrd publisher export acme -o acme.owrp"},
                             add_export_flags, run_export);
  add_command<AddOptions>(
      line, *group,
      {"add", kTrustGroup, "Pin a publisher: from here on its releases are believed",
       "owrd publisher add acme.owrp\n"
       "owrd publisher add https://weights.acme.example/acme.owrp --fingerprint '3F7A 91C2 0B44 "
       "88E1'\n"
       "owrd publisher add atlas-1.0.owr --as acme"},
      add_add_flags, run_add);
  add_command<LsOptions>(line, *group,
                         {"ls", kTrustGroup, "List the pinned publishers",
                          "owrd publisher ls\nowrd publisher ls --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
  add_command<NameOptions>(
      line, *group,
      {"show", kTrustGroup, "Show a publisher and its keys", "owrd publisher show acme"},
      add_name_flags, run_show);
  add_command<NameOptions>(
      line, *group, {"rm", kTrustGroup, "Stop believing a publisher", "owrd publisher rm acme"},
      add_name_flags, run_rm);
}

}  // namespace owrd::cli
