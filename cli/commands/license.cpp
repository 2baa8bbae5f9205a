#include <ctime>

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/license_terms.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"
#include "daemon/release/evaluation.h"
#include "daemon/release/inheritance.h"
#include "daemon/release/license_classes.h"
#include "daemon/release/lineage.h"

namespace owrd::cli {
namespace {

struct ShowOptions {
  std::string ref;
};

void add_show_flags(CLI::App& command, ShowOptions& options) {
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
}

Json flags_of(const release::LicenseFlags& flags) { return release::flag_words(flags); }

std::string grants_text(const release::LicenseGrants& grants) {
  const auto word = [](const char* name, v1::Answer answer) {
    return std::string(name) + " " + std::string(release::to_string(answer));
  };
  return word("use", grants.use) + ", " + word("modify", grants.modify) + ", " +
         word("redistribute", grants.redistribute) + ", " + word("commercial", grants.commercial);
}

void note_class(Output& output, const std::string& expression) {
  const auto terms = release::classify_license(expression);
  output.note("licence   " + expression + "  (" +
              std::string(release::to_string(terms.license_class)) + ")");
  output.note("grants    " + grants_text(terms.grants));
  const auto flags = release::flag_words(terms.flags);
  if (!flags.empty()) output.note("terms     " + joined(flags));
  output.note("No legal advice: the text is what counts.");
}

Result<int> run_show(Context& context, const ShowOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto found = find_manifest(**daemon, options.ref);
  if (!found) return found.error();
  const auto terms = terms_of(**daemon, *found);
  if (!terms) return terms.error();
  auto& output = context.output();
  const bool asks = release::asks_for_acceptance(found->manifest.message().license());
  if (context.json()) {
    const auto known = release::classify_license(terms->license);
    output.record(Json{{"ref", terms->ref},
                       {"license", terms->license},
                       {"class", release::to_string(known.license_class)},
                       {"terms", flags_of(known.flags)},
                       {"digest", terms->digest},
                       {"asks_for_acceptance", asks},
                       {"text", terms->text},
                       {"url", terms->url}});
    return 0;
  }
  note_class(output, terms->license);
  output.lines(terms->text);
  if (terms->text.empty()) output.note("the release holds no text of its terms; " + terms->url);
  if (asks) output.hint("to accept:  owrd get … --accept-license sha256:" + terms->digest);
  return 0;
}

struct CheckOptions {
  std::string subject;
};

void add_check_flags(CLI::App& command, CheckOptions& options) {
  command
      .add_option("subject", options.subject,
                  "A release, a directory that would be one, or an SPDX expression")
      ->required()
      ->type_name("REF|DIR|SPDX");
}

bool is_expression(const std::string& text) {
  return static_cast<bool>(release::check_license(text)) ||
         release::classify_license(text).license_class != release::LicenseClass::Unknown;
}

Json class_record(const std::string& expression) {
  const auto terms = release::classify_license(expression);
  const auto word = [](v1::Answer answer) { return release::to_string(answer); };
  return Json{{"license", expression},
              {"class", release::to_string(terms.license_class)},
              {"terms", flags_of(terms.flags)},
              {"grants",
               {{"use", word(terms.grants.use)},
                {"modify", word(terms.grants.modify)},
                {"redistribute", word(terms.grants.redistribute)},
                {"commercial", word(terms.grants.commercial)}}},
              {"osi_approved", terms.is_osi_approved},
              {"fsf_libre", terms.is_fsf_libre}};
}

/// What speaks against the licence: its grants, and what the model was made of.
std::vector<std::string> problems_of(const v1::Manifest& manifest) {
  std::vector<std::string> problems;
  if (const auto checked = release::check_grants(manifest.license()); !checked)
    problems.push_back(checked.error().message);
  for (const auto& parent : manifest.derived_from()) {
    if (parent.license().empty()) continue;
    const auto fault = release::find_inheritance_fault(parent.license(), parent.relation(),
                                                       manifest.license(), manifest.use());
    if (fault) problems.push_back(release::name_of(parent) + ": " + *fault);
  }
  return problems;
}

Result<int> run_check(Context& context, const CheckOptions& options) {
  auto& output = context.output();
  std::string expression = options.subject;
  std::vector<std::string> problems;
  if (!is_expression(options.subject)) {
    const auto subject = find_subject(context, options.subject);
    if (!subject) return subject.error();
    expression = subject->manifest.license().spdx_expression();
    problems = problems_of(subject->manifest);
  }
  if (context.json()) {
    auto record = class_record(expression);
    record["problems"] = problems;
    output.record(record);
  } else {
    note_class(output, expression);
    output.result(release::to_string(release::classify_license(expression).license_class));
  }
  if (problems.empty()) return 0;
  return Error{ErrorCode::InvalidInput, problems.front(),
               "choose a licence that carries the terms on, or state the restrictions"};
}

struct LsOptions {};

void add_ls_flags(CLI::App&, LsOptions&) {}

Result<int> run_ls(Context& context, const LsOptions&) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply =
      (*daemon)->client.call<v1::ListLicensesReply>("Licenses/List", v1::ListLicensesRequest());
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"LICENSE"}, {"FOR"}, {"ACCEPTED"}, {"DIGEST"}}, {}};
  for (const auto& license : reply->licenses()) {
    const auto accepted = format_time(license.accepted());
    if (context.json())
      output.record(Json{{"license", license.license()},
                         {"ref", license.ref()},
                         {"release_id", license.release_id()},
                         {"digest", license.digest()},
                         {"accepted", accepted}});
    else if (output.look().quiet)
      output.result("sha256:" + license.digest());
    else
      table.rows.push_back({license.license(),
                            license.ref(),
                            {age(license.accepted(), std::time(nullptr)), accepted},
                            "sha256:" + license.digest()});
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->licenses().empty()) output.note("no terms were accepted here");
  return 0;
}

}  // namespace

void add_license(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"license", kJudgeGroup, "The terms of releases, and which were accepted here",
             "owrd license show acme/atlas:1.0\nowrd license ls"});
  add_command<ShowOptions>(
      line, *group,
      {"show", kJudgeGroup, "Print the terms of a release", "owrd license show acme/atlas:1.0"},
      add_show_flags, run_show);
  add_command<CheckOptions>(
      line, *group,
      {"check", kJudgeGroup, "Say what kind of terms they are, and what speaks against them",
       "owrd license check Apache-2.0\nowrd license check llama3.1\nowrd license check ./atlas"},
      add_check_flags, run_check);
  add_command<LsOptions>(line, *group,
                         {"ls", kJudgeGroup, "List the terms that were accepted here",
                          "owrd license ls\nowrd license ls --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
}

}  // namespace owrd::cli
