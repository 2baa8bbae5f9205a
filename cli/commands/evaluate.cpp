#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/records.h"
#include "daemon/release/evaluation.h"
#include "daemon/release/process_text.h"

namespace owrd::cli {
namespace {

struct EvaluateOptions {
  std::string subject;
};

void add_flags(CLI::App& command, EvaluateOptions& options) {
  command.add_option("subject", options.subject, "A release, or a directory that would be one")
      ->required()
      ->type_name("REF|DIR");
}

Json verdict_record(const release::Verdict& verdict) {
  return Json{{"verdict", verdict.word}, {"reasons", verdict.reasons}};
}

Result<int> run_evaluate(Context& context, const EvaluateOptions& options) {
  const auto subject = find_subject(context, options.subject);
  if (!subject) return subject.error();
  const auto evaluation = release::evaluate(subject->manifest);
  if (context.json())
    context.output().record(Json{{"ref", subject->name},
                                 {"license", verdict_record(evaluation.license)},
                                 {"data", verdict_record(evaluation.data)},
                                 {"code", verdict_record(evaluation.code)},
                                 {"use", verdict_record(evaluation.use)}});
  else
    context.output().lines(release::evaluation_text(evaluation));
  return 0;
}

}  // namespace

void add_evaluate(CommandLine& line) {
  add_command<EvaluateOptions>(
      line, line.root,
      {"evaluate", kJudgeGroup, "Judge licence, data, code and use restrictions, each by itself",
       "owrd evaluate acme/atlas:1.0\nowrd evaluate ./atlas --json"},
      add_flags, run_evaluate);
}

}  // namespace owrd::cli
