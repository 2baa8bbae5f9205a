#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/files.h"
#include "cli/manifests.h"
#include "cli/records.h"
#include "cli/source.h"
#include "cli/weight_report.h"
#include "daemon/content/scan.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/description_text.h"
#include "daemon/release/path_rules.h"
#include "daemon/release/tensor_list.h"

namespace owrd::cli {
namespace {

struct InspectOptions {
  std::string subject;
  bool tensors = false;
  std::vector<std::string> fields;  ///< Of the manifest, by the flags that ask for them.
};

void add_flags(CLI::App& command, InspectOptions& options) {
  command.add_option("subject", options.subject, "A weight file, a directory, or a release")
      ->required()
      ->type_name("PATH|REF");
  command.add_flag("--tensors", options.tensors,
                   "List every tensor: name, type, shape, file, bytes, SHA-256");
  const auto add = [&](const char* flag, const char* field, const char* text) {
    command.add_flag_callback(
        flag, [&options, field] { options.fields.emplace_back(field); }, text);
  };
  add("--arch", "architecture", "What its publisher says of the architecture");
  add("--recipe", "recipe", "Of how it was trained");
  add("--finetune", "fine_tuning", "Of how to adapt it");
  add("--run", "inference", "Of what running it needs");
  add("--data", "data", "Of the data");
  add("--benchmarks", "benchmarks", "Of benchmarks, self-reported");
  add("--risks", "considerations", "Of limitations, biases and risks");
}

/// What is there of a subject.
struct Inspected {
  std::string name;
  std::optional<v1::Manifest> manifest;
  std::optional<WeightReport> weights;
};

Result<Inspected> inspect_file(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::canonical(path, error);
  if (error) return Error{ErrorCode::NotFound, path + ": " + error.message()};
  auto report = report_of_files(whole.parent_path(), {whole.filename().string()});
  if (!report) return report.error();
  if (!report->problems.empty())
    return Error{ErrorCode::InvalidInput, path + ": " + report->problems.front().message,
                 "owrd audit " + path};
  if (report->sets.empty())
    return Error{ErrorCode::InvalidInput, path + " is no weight file that owrd knows"};
  return Inspected{path, std::nullopt, std::move(*report)};
}

Result<WeightReport> report_of_directory(const std::filesystem::path& directory) {
  const auto scan = content::scan_directory(directory);
  if (!scan) return scan.error();
  std::vector<std::string> paths;
  for (const auto& file : scan->files) paths.push_back(file.path);
  return report_of_files(directory, paths);
}

Result<Inspected> inspect_directory(const std::string& text) {
  const std::filesystem::path directory = absolute_path(text);
  auto draft = draft_of(directory);
  if (!draft) return draft.error();
  auto report = report_of_directory(directory);
  if (!report) return report.error();
  return Inspected{text, std::move(*draft), std::move(*report)};
}

/// Of the list that was signed: what lies there may have been changed since.
Result<WeightReport> report_in(const std::filesystem::path& directory, const Digest& sha256) {
  const auto file = directory / release::kTensorsName;
  const auto bytes = read_file(file, release::kTensorListLimitBytes);
  if (!bytes) return bytes.error();
  if (hash::sha256(*bytes) == sha256) return report_of_list(*bytes);
  return Error{ErrorCode::Corrupt, file.string() + " is not the list that was signed",
               "owrd verify --repair, with the release"};
}

Result<Inspected> inspect_release(Context& context, const std::string& ref) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  auto found = find_manifest(**daemon, ref);
  if (!found) return found.error();
  Inspected inspected{found->ref, found->manifest.message(), std::nullopt};
  const auto& files = found->manifest.files();
  const auto list = std::find_if(files.begin(), files.end(), [](const release::File& file) {
    return file.path == release::kTensorsName;
  });
  const bool has_list = list != files.end();
  std::error_code ignored;
  const bool is_here =
      !found->directory.empty() && std::filesystem::exists(found->directory, ignored);
  Result<> done = Done{};
  const auto take = [&inspected, &list](const std::filesystem::path& directory) -> Result<> {
    auto report = report_in(directory, list->sha256);
    if (!report) return report.error();
    inspected.weights = std::move(*report);
    return Done{};
  };
  const bool has_list_here =
      has_list && is_here &&
      std::filesystem::exists(found->directory / release::kTensorsName, ignored);
  if (has_list_here)
    done = take(found->directory);
  else if (has_list)
    done = with_fetched_files(**daemon, *found, {std::string(release::kTensorsName)}, take);
  else if (is_here) {
    auto report = report_of_directory(found->directory);
    if (!report) return report.error();
    inspected.weights = std::move(*report);
  } else {
    context.output().warning(found->ref + " has no list of its tensors, and is not here");
  }
  if (!done) return done.error();
  return inspected;
}

Result<Inspected> inspect(Context& context, const std::string& text) {
  std::error_code ignored;
  if (is_directory_target(text) && std::filesystem::is_directory(text, ignored))
    return inspect_directory(text);
  if (std::filesystem::is_regular_file(text, ignored)) return inspect_file(text);
  return inspect_release(context, text);
}

Json record_of(const Inspected& inspected, const InspectOptions& options) {
  Json record{{"subject", inspected.name}};
  record["weights"] =
      inspected.weights ? weight_record(*inspected.weights, options.tensors) : Json();
  record["manifest"] = inspected.manifest ? description_record(*inspected.manifest) : Json();
  return record;
}

Result<int> run_inspect(Context& context, const InspectOptions& options) {
  const auto inspected = inspect(context, options.subject);
  if (!inspected) return inspected.error();
  auto& output = context.output();
  if (context.json()) {
    output.record(record_of(*inspected, options));
    return 0;
  }
  if (options.tensors) {
    if (inspected->weights) print_tensors(output, *inspected->weights);
    return 0;
  }
  if (options.fields.empty() && inspected->weights) print_sets(output, *inspected->weights);
  if (!inspected->manifest) {
    if (!options.fields.empty())
      return Error{ErrorCode::InvalidInput,
                   inspected->name + " is a file: nobody says anything of it",
                   "owrd inspect DIR, or a release"};
    return 0;
  }
  output.lines(release::description_text(
      *inspected->manifest, options.fields.empty() ? release::said_fields() : options.fields));
  return 0;
}

}  // namespace

void add_inspect(CommandLine& line) {
  add_command<InspectOptions>(
      line, line.root,
      {"inspect", kJudgeGroup, "Show what weights hold, and what their publisher says of them",
       "owrd inspect model.safetensors --tensors\nowrd inspect ./atlas\n"
       "owrd inspect acme/atlas:1.0 --arch\nowrd inspect acme/atlas:1.0 --json"},
      add_flags, run_inspect);
}

}  // namespace owrd::cli
