#include "cli/commands/publisher.h"
#include "cli/files.h"
#include "cli/publishers.h"
#include "cli/trust_records.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct ExportOptions {
  std::string name;
  std::string output;
  bool link = false;
};

void add_flags(CLI::App& command, ExportOptions& options) {
  add_publisher_name(command, options.name);
  auto* output = command
                     .add_option("-o,--output", options.output,
                                 "Where to write the .owrp; - is standard output")
                     ->type_name("FILE");
  command
      .add_flag("--link", options.link,
                "Print the link under which the publisher's news are found in the DHT")
      ->excludes(output);
}

Result<int> print_link(Context& context, const v1::PublisherRecord& publisher) {
  if (publisher.link().empty())
    return Error{ErrorCode::NotFound,
                 publisher.petname() + " has no feed, so there is no link to it",
                 "owrd publisher export " + publisher.petname() + " -o " + publisher.petname() +
                     ".owrp   (its roots)"};
  context.output().hint("a link finds a publisher and does not prove it: say " +
                        fingerprint_of(publisher.id()) + " where it cannot be forged");
  if (context.json())
    context.output().record(publisher_record(publisher));
  else
    context.output().result(publisher.link());
  return 0;
}

Result<int> write_bundle(Context& context, const v1::ShowPublisherReply& reply,
                         const std::string& path) {
  auto& output = context.output();
  if (path == "-") {
    output.raw(reply.bundle());
    return 0;
  }
  if (const auto written = write_file(path, as_bytes(reply.bundle())); !written)
    return written.error();
  output.good("wrote publisher " + reply.publisher().petname() + " (" +
              fingerprint_of(reply.publisher().id()) +
              "): say the fingerprint where it cannot be forged");
  if (context.json()) {
    auto record = publisher_record(reply.publisher());
    record["path"] = absolute_path(path);
    output.record(record);
  } else {
    output.result(path);
  }
  return 0;
}

Result<int> run_export(Context& context, const ExportOptions& options) {
  if (options.output.empty() && !options.link)
    return Error{ErrorCode::InvalidInput, "owrd publisher export: where to?",
                 "-o " + options.name + ".owrp, or --link"};
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply = show_publisher(**daemon, options.name);
  if (!reply) return reply.error();
  return options.link ? print_link(context, reply->publisher())
                      : write_bundle(context, *reply, options.output);
}

}  // namespace

void add_publisher_export(CommandLine& line, CLI::App& group) {
  add_command<ExportOptions>(
      line, group,
      {"export", kTrustGroup, "Write a .owrp file, what users pin, or print the publisher's link",
       "owrd publisher export acme -o acme.owrp\nowrd publisher export acme --link"},
      add_flags, run_export);
}

}  // namespace owrd::cli
