#include "daemon/release/label.h"

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/files.h"
#include "cli/records.h"
#include "daemon/release/label_badge.h"
#include "daemon/release/process_text.h"

namespace owrd::cli {
namespace {

struct LabelOptions {
  std::string subject;
  std::string svg;
  std::string image = "label.svg";
  bool why = false;
  bool markdown = false;
  bool assess = false;
};

void add_flags(CLI::App& command, LabelOptions& options) {
  command.add_option("subject", options.subject, "A release, or a directory")
      ->required()
      ->type_name("REF|DIR");
  command.add_flag("--why", options.why, "What each higher label still lacks");
  command.add_option("--svg", options.svg, "Write the badge to this file; - is standard output")
      ->type_name("FILE");
  auto* markdown =
      command.add_flag("--md", options.markdown, "Print Markdown that shows the badge");
  command
      .add_option("--image", options.image, "Where the badge will be found (default: label.svg)")
      ->type_name("URL")
      ->needs(markdown);
  command.add_flag("--assess", options.assess,
                   "Judge what is no release: without weights it may still be OM or OM-OD");
}

Json report_record(const std::string& name, const release::LabelReport& report) {
  auto gaps = Json::array();
  for (const auto& gap : report.why)
    gaps.push_back(Json{{"label", release::to_string(gap.label)}, {"lacks", gap.lacks}});
  return Json{{"ref", name},
              {"label", release::to_string(report.label)},
              {"name", release::long_name(report.label)},
              {"why", gaps},
              {"replicable", report.is_replicable}};
}

Result<int> run_label(Context& context, const LabelOptions& options) {
  const auto subject = find_subject(context, options.subject);
  if (!subject) return subject.error();
  const auto report = options.assess
                          ? release::assess_label(release::label_parts(subject->manifest))
                          : release::label_of(subject->manifest);
  auto& output = context.output();
  if (options.svg == "-") {
    output.raw(release::label_svg(report.label));
    return 0;
  }
  if (!options.svg.empty()) {
    const auto written = write_file(options.svg, as_bytes(release::label_svg(report.label)));
    if (!written) return written.error();
    output.good("wrote the badge to " + options.svg);
  }
  if (context.json())
    output.record(report_record(subject->name, report));
  else if (options.markdown)
    output.result(release::label_markdown(report.label, options.image));
  else if (options.why)
    output.lines(release::label_text(report));
  else
    output.result(release::to_string(report.label));
  return 0;
}

}  // namespace

void add_label(CommandLine& line) {
  add_command<LabelOptions>(
      line, line.root,
      {"label", kJudgeGroup, "Compute the Open Model Label: OM-OW, OM-OD-OW or none",
       "owrd label acme/atlas:1.0 --why\nowrd label acme/atlas:1.0 --svg label.svg --md\n"
       "owrd label ./atlas --assess"},
      add_flags, run_label);
}

}  // namespace owrd::cli
