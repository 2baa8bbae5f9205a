#include "daemon/release/process_text.h"

#include <algorithm>

namespace owrd::release {
namespace {

constexpr std::size_t kFirstColumn = 20;

std::string row(std::string_view name, std::string_view value) {
  std::string out(name);
  out.resize(std::max(out.size() + 2, kFirstColumn), ' ');
  return out.append(value) + "\n";
}

std::string axis(std::string_view name, const Verdict& verdict) {
  auto out = row(name, verdict.word);
  for (const auto& reason : verdict.reasons) out += "  " + reason + "\n";
  return out;
}

std::string clause_line(const Clause& clause) {
  return "  " + std::string(to_string(clause.finding)) + ": " + clause.name + " (" + clause.reason +
         ")\n";
}

std::string missing_lines(std::string_view next, const std::vector<std::string>& missing) {
  if (missing.empty()) return "";
  std::string out = "  for " + std::string(next) + ":\n";
  for (const auto& what : missing) out += "    " + what + "\n";
  return out;
}

}  // namespace

std::string evaluation_text(const Evaluation& evaluation) {
  return axis("licence", evaluation.license) + axis("data information", evaluation.data) +
         axis("code availability", evaluation.code) + axis("use restrictions", evaluation.use);
}

std::string label_text(const LabelReport& report) {
  auto out = row("label", to_string(report.label));
  for (const auto& gap : report.why) {
    out += "  " + std::string(to_string(gap.label)) + " lacks ";
    for (std::size_t i = 0; i < gap.lacks.size(); ++i) out += (i == 0 ? "" : ", ") + gap.lacks[i];
    out += "\n";
  }
  return out + row("replicable", report.is_replicable ? "yes" : "no");
}

std::string openness_text(const Openness& openness) {
  auto out = row("release", what_to_call(openness.open_source_ai));
  out += row("licence class", to_string(openness.license_class));
  out += "Open Weight Definition\n";
  for (const auto& clause : openness.open_weight_definition) out += clause_line(clause);
  out += "OSAID 1.0\n";
  const auto& elements = openness.open_source_ai;
  for (const auto* clause : {&elements.data_information, &elements.code, &elements.parameters})
    out += clause_line(*clause);
  out += row("MOF", to_string(openness.mof.mof_class));
  out += missing_lines(to_string(openness.mof.next), openness.mof.missing);
  out += row("documentation", to_string(openness.depth.depth));
  out += missing_lines(to_string(openness.depth.next), openness.depth.missing);
  return out;
}

}  // namespace owrd::release
