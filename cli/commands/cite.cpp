#include "cli/command.h"
#include "cli/manifests.h"
#include "cli/records.h"
#include "daemon/release/citation.h"

namespace owrd::cli {
namespace {

struct CiteOptions {
  std::string ref;
  bool bibtex = false;
};

void add_flags(CLI::App& command, CiteOptions& options) {
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
  command.add_flag("--bibtex", options.bibtex, "As BibTeX");
}

Result<int> run_cite(Context& context, const CiteOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto found = find_manifest(**daemon, options.ref);
  if (!found) return found.error();
  const auto publisher = found->ref.substr(0, found->ref.find('/'));
  const auto text = release::citation_text(found->manifest, publisher);
  const auto bibtex = release::citation_bibtex(found->manifest, publisher);
  if (context.json())
    context.output().record(Json{{"ref", found->ref},
                                 {"release_id", found->manifest.release_id().to_hex()},
                                 {"text", text},
                                 {"bibtex", bibtex}});
  else
    context.output().lines((options.bibtex ? bibtex : text) + "\n");
  return 0;
}

}  // namespace

void add_cite(CommandLine& line) {
  add_command<CiteOptions>(line, line.root,
                           {"cite", kJudgeGroup, "Print how to cite a release, with its digest",
                            "owrd cite acme/atlas:1.0\nowrd cite acme/atlas:1.0 --bibtex"},
                           add_flags, run_cite);
}

}  // namespace owrd::cli
