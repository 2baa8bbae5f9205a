#include "cli/commands/publisher.h"
#include "cli/key_names.h"
#include "cli/publishers.h"
#include "cli/source.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

Result<v1::AddPublisherReply> add(Daemon& daemon, const std::string& bundle,
                                  const std::string& petname, bool dry_run) {
  v1::AddPublisherRequest request;
  request.set_bundle(bundle);
  request.set_petname(petname);
  request.set_dry_run(dry_run);
  return daemon.client.call<v1::AddPublisherReply>("Publishers/Add", request);
}

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

/// A whole publisher id or a fingerprint; nothing else can be compared.
std::string comparable_digits(const std::string& text) {
  const auto digits = digits_of(text);
  return digits.size() == 16 || digits.size() == 64 ? digits : "";
}

Result<> check_fingerprint(const v1::PublisherRecord& publisher, const std::string& wanted) {
  const auto digits = comparable_digits(wanted);
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
  if (kind_of_source(options.source) == SourceKind::Magnet)
    return Error{ErrorCode::InvalidInput,
                 "a link finds a publisher, but proves nobody's identity: nothing is pinned by it",
                 "get the publisher's .owrp, as a file or by its https:// URL"};
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

}  // namespace

void add_publisher_add(CommandLine& line, CLI::App& group) {
  add_command<AddOptions>(
      line, group,
      {"add", kTrustGroup, "Pin a publisher: from here on its releases are believed",
       "owrd publisher add acme.owrp\n"
       "owrd publisher add https://weights.acme.example/acme.owrp --fingerprint '3F7A 91C2 0B44 "
       "88E1'\n"
       "owrd publisher add atlas-1.0.owr --as acme"},
      add_add_flags, run_add);
}

}  // namespace owrd::cli
