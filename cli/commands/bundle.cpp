#include "cli/command.h"
#include "cli/files.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct BundleOptions {
  std::string ref;
  std::string output;
};

void add_flags(CLI::App& command, BundleOptions& options) {
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
  command.add_option("-o,--output", options.output, "Where to write it; - is standard output")
      ->required()
      ->type_name("FILE");
}

Result<int> run_bundle(Context& context, const BundleOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::BundleRequest request;
  request.set_ref(options.ref);
  const auto reply = (*daemon)->client.call<v1::BundleReply>("Releases/Bundle", request);
  if (!reply) return reply.error();
  auto& output = context.output();
  if (options.output == "-") {
    output.raw(reply->bundle());
    return 0;
  }
  if (const auto written = write_file(options.output, as_bytes(reply->bundle())); !written)
    return written.error();
  output.good("wrote the bundle of " + reply->release().ref());
  if (context.json())
    output.record(Json{{"ref", reply->release().ref()},
                       {"release_id", reply->release().release_id()},
                       {"path", absolute_path(options.output)},
                       {"bytes", reply->bundle().size()}});
  else
    output.result(options.output);
  return 0;
}

}  // namespace

void add_bundle(CommandLine& line) {
  add_command<BundleOptions>(
      line, line.root,
      {"bundle", kPublishGroup, "Write a .owr file: what others need to get a release",
       "owrd bundle acme/atlas:1.0 -o atlas-1.0.owr"},
      add_flags, run_bundle);
}

}  // namespace owrd::cli
