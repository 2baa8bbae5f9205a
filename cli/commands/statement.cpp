#include "cli/command.h"
#include "cli/statements.h"

namespace owrd::cli {
namespace {

struct BenchmarkOptions {
  StatementOptions statement;
  std::string task;
  std::string metric;
  std::string value;
  std::string dataset;
  std::string revision;
  std::string harness;
};

void add_benchmark_flags(CLI::App& command, BenchmarkOptions& options) {
  add_statement_flags(command, options.statement, /*is_text_needed=*/false);
  const auto add = [&command](const char* name, std::string& value, const char* description) {
    return command.add_option(name, value, description)->type_name("TEXT");
  };
  add("--task", options.task, "What the model had to do, such as mmlu")->required();
  add("--metric", options.metric, "What was measured, such as acc")->required();
  add("--value", options.value, "The outcome, a decimal number")->required();
  add("--dataset", options.dataset, "What it was measured on");
  add("--revision", options.revision, "Which version of the dataset");
  add("--harness", options.harness, "With what it was measured, and its version");
}

Result<int> run_benchmark(Context& context, const BenchmarkOptions& options) {
  return send_statement(context, options.statement, v1::STATEMENT_KIND_BENCHMARK,
                        {{"task", options.task},
                         {"metric", options.metric},
                         {"value", options.value},
                         {"dataset", options.dataset},
                         {"revision", options.revision},
                         {"harness", options.harness}});
}

struct FindingOptions {
  StatementOptions statement;
  std::string result;
};

void add_finding_flags(CLI::App& command, FindingOptions& options) {
  add_statement_flags(command, options.statement, /*is_text_needed=*/true);
  command.add_option("--result", options.result, "pass, warn or fail")
      ->required()
      ->type_name("RESULT")
      ->check(CLI::IsMember({"pass", "warn", "fail"}));
}

template <v1::StatementKind kKind>
Result<int> run_finding(Context& context, const FindingOptions& options) {
  return send_statement(context, options.statement, kKind, {{"result", options.result}});
}

struct LsOptions {
  std::string ref;
};

void add_ls_flags(CLI::App& command, LsOptions& options) {
  command.add_option("ref", options.ref, "A release (default: all)")->type_name("REF");
}

Result<int> run_ls(Context& context, const LsOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto statements = list_statements(**daemon, options.ref, /*is_feedback=*/false);
  if (!statements) return statements.error();
  print_statements(context, *statements, "nobody has stated anything that is known here");
  return 0;
}

}  // namespace

void add_statement(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"statement", kTrustGroup, "What others than its publisher say of a release",
             "owrd statement ls acme/atlas:1.2.0\n"
             "owrd statement benchmark acme/atlas:1.2.0 --task mmlu --metric acc --value 0.71"});
  add_command<BenchmarkOptions>(
      line, *group,
      {"benchmark", kTrustGroup, "Sign what you have measured",
       "owrd statement benchmark acme/atlas:1.2.0 --task mmlu --metric acc --value 0.71 "
       "--harness 'lm-eval 0.4.2'"},
      add_benchmark_flags, run_benchmark);
  add_command<FindingOptions>(
      line, *group,
      {"audit", kTrustGroup, "Sign what you have found in it",
       "owrd statement audit acme/atlas:1.2.0 --result warn --text 'it repeats personal data'"},
      add_finding_flags, run_finding<v1::STATEMENT_KIND_AUDIT>);
  add_command<FindingOptions>(
      line, *group,
      {"reproduction", kTrustGroup, "Sign whether you could make it again",
       "owrd statement reproduction acme/atlas:1.2.0 --result pass --text 'from the same data'"},
      add_finding_flags, run_finding<v1::STATEMENT_KIND_REPRODUCTION>);
  add_command<LsOptions>(line, *group,
                         {"ls", kTrustGroup, "List benchmarks, audits and reproductions",
                          "owrd statement ls\nowrd statement ls acme/atlas:1.2.0 --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
}

}  // namespace owrd::cli
