#include "daemon/release/lineage.h"

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/records.h"

namespace owrd::cli {
namespace {

struct LineageOptions {
  std::string subject;
};

void add_flags(CLI::App& command, LineageOptions& options) {
  command.add_option("subject", options.subject, "A release, or a directory that would be one")
      ->required()
      ->type_name("REF|DIR");
}

Json parent_record(const v1::Lineage& parent) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return Json{{"relation", release::to_string(parent.relation())},
              {"name", or_null(parent.name())},
              {"purl", or_null(parent.purl())},
              {"release_id", or_null(to_hex(as_bytes(parent.release_id())))},
              {"license", or_null(parent.license())}};
}

Result<int> run_lineage(Context& context, const LineageOptions& options) {
  const auto subject = find_subject(context, options.subject);
  if (!subject) return subject.error();
  auto parents = Json::array();
  for (const auto& parent : subject->manifest.derived_from())
    parents.push_back(parent_record(parent));
  if (context.json())
    context.output().record(Json{{"ref", subject->name}, {"derived_from", parents}});
  else
    context.output().lines(release::lineage_text(subject->manifest));
  return 0;
}

}  // namespace

void add_lineage(CommandLine& line) {
  add_command<LineageOptions>(
      line, line.root,
      {"lineage", kJudgeGroup, "Show what a model was made of, and under which terms",
       "owrd lineage acme/atlas-chat:1.0\nowrd lineage ./atlas-chat --json"},
      add_flags, run_lineage);
}

}  // namespace owrd::cli
