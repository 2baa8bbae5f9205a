#include "daemon/release/openness.h"

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/records.h"
#include "daemon/release/process_text.h"

namespace owrd::cli {
namespace {

struct OpennessOptions {
  std::string subject;
};

void add_flags(CLI::App& command, OpennessOptions& options) {
  command.add_option("subject", options.subject, "A release, or a directory that would be one")
      ->required()
      ->type_name("REF|DIR");
}

Json clause_record(const release::Clause& clause) {
  return Json{{"name", clause.name},
              {"finding", release::to_string(clause.finding)},
              {"reason", clause.reason}};
}

Json openness_record(const std::string& name, const release::Openness& openness) {
  auto clauses = Json::array();
  for (const auto& clause : openness.open_weight_definition)
    clauses.push_back(clause_record(clause));
  const auto& elements = openness.open_source_ai;
  return Json{{"ref", name},
              {"called", release::what_to_call(elements)},
              {"license_class", release::to_string(openness.license_class)},
              {"open_weight_definition", clauses},
              {"osaid",
               {{"data_information", clause_record(elements.data_information)},
                {"code", clause_record(elements.code)},
                {"parameters", clause_record(elements.parameters)}}},
              {"mof",
               {{"class", release::to_string(openness.mof.mof_class)},
                {"next", release::to_string(openness.mof.next)},
                {"missing", openness.mof.missing}}},
              {"documentation",
               {{"depth", release::to_string(openness.depth.depth)},
                {"next", release::to_string(openness.depth.next)},
                {"missing", openness.depth.missing}}}};
}

Result<int> run_openness(Context& context, const OpennessOptions& options) {
  const auto subject = find_subject(context, options.subject);
  if (!subject) return subject.error();
  const auto openness = release::openness_of(subject->manifest);
  if (context.json())
    context.output().record(openness_record(subject->name, openness));
  else
    context.output().lines(release::openness_text(openness));
  return 0;
}

}  // namespace

void add_openness(CommandLine& line) {
  add_command<OpennessOptions>(
      line, line.root,
      {"openness", kJudgeGroup,
       "Hold a release against the definitions: Open Weights, OSAID, MOF, documentation",
       "owrd openness acme/atlas:1.0\nowrd openness ./atlas --json"},
      add_flags, run_openness);
}

}  // namespace owrd::cli
