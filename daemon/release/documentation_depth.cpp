#include "daemon/release/components.h"
#include "daemon/release/openness.h"

namespace owrd::release {
namespace {

struct Need {
  const char* name;
  bool is_there;
};

bool has_hyperparameters(const v1::TrainingRecipe& recipe) {
  for (const auto& stage : recipe.stages())
    if (stage.hyperparameters_size() > 0) return true;
  return false;
}

/// How the benchmarks were run can be told of at least one.
bool has_evaluation_details(const v1::Manifest& manifest) {
  for (const auto& benchmark : manifest.benchmarks())
    if (!benchmark.report_path().empty() ||
        (!benchmark.harness().empty() && !benchmark.revision().empty()))
      return true;
  return false;
}

bool has_data_statement(const v1::DataInformation& data) {
  return !data.statement_path().empty() || !data.card_path().empty() ||
         !data.provenance().empty() || data.datasets_size() > 0;
}

bool has_audit_report(const v1::Manifest& manifest) {
  for (const auto& audit : manifest.audits())
    if (audit.result() != v1::AUDIT_RESULT_NOT_RUN &&
        (!audit.report_path().empty() || !audit.tool().empty()))
      return true;
  return false;
}

bool has_report_or_paper(const v1::Manifest& manifest) {
  return component_state(manifest, v1::COMPONENT_KIND_TECHNICAL_REPORT).is_accessible ||
         component_state(manifest, v1::COMPONENT_KIND_RESEARCH_PAPER).is_accessible;
}

/// What a step needs beyond those before it.
std::vector<Need> needs(const v1::Manifest& manifest, Depth depth) {
  switch (depth) {
    case Depth::Minimal:
      return {{"licence text", !manifest.license().text_path().empty()},
              {"model card", has_file_of(manifest, v1::FILE_ROLE_CARD)},
              {"intended use", manifest.considerations().intended_uses_size() > 0}};
    case Depth::Standard:
      return {{"architecture specification", !manifest.architecture().specification_path().empty()},
              {"a benchmark", manifest.benchmarks_size() > 0},
              {"limitations", manifest.considerations().limitations_size() > 0},
              {"data information", has_data_statement(manifest.data())}};
    case Depth::Extended:
      return {{"training recipe with hyperparameters", has_hyperparameters(manifest.recipe())},
              {"fine-tuning guide", !manifest.fine_tuning().guide_path().empty()},
              {"evaluation details", has_evaluation_details(manifest)}};
    case Depth::Comprehensive:
      return {{"data card", component_state(manifest, v1::COMPONENT_KIND_DATA_CARD).is_accessible},
              {"security audit", has_audit_report(manifest)},
              {"technical report or paper", has_report_or_paper(manifest)},
              {"reproduction guide", !manifest.recipe().guide_path().empty()},
              {"feedback channel", manifest.contacts().feedback_size() > 0},
              {"changelog", !manifest.changelog().empty()}};
    case Depth::None:
      break;
  }
  return {};
}

}  // namespace

std::string_view to_string(Depth depth) {
  switch (depth) {
    case Depth::Minimal:
      return "minimal";
    case Depth::Standard:
      return "standard";
    case Depth::Extended:
      return "extended";
    case Depth::Comprehensive:
      return "comprehensive";
    case Depth::None:
      break;
  }
  return "none";
}

DepthReport documentation_depth(const v1::Manifest& manifest) {
  DepthReport report;
  for (const auto next : {Depth::Minimal, Depth::Standard, Depth::Extended, Depth::Comprehensive}) {
    report.next = next;
    for (const auto& need : needs(manifest, next))
      if (!need.is_there) report.missing.emplace_back(need.name);
    if (!report.missing.empty()) return report;
    report.depth = next;
  }
  return report;
}

}  // namespace owrd::release
