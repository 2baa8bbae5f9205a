#include <ctime>
#include <filesystem>

#include "cli/commands/publisher.h"
#include "cli/files.h"
#include "cli/publishers.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct EvidenceOptions {
  std::string name;
  std::string output;
};

void add_flags(CLI::App& command, EvidenceOptions& options) {
  add_publisher_name(command, options.name);
  command
      .add_option("-o,--output", options.output,
                  "A directory for the two signed objects of each, byte for byte")
      ->type_name("DIR");
}

/// Where the two objects of one piece of evidence were written; empty when they were not.
struct Paths {
  std::string first;
  std::string second;
};

Result<Paths> write_objects(const std::string& directory, int number,
                            const v1::EvidenceRecord& evidence) {
  const auto stem = std::filesystem::path(absolute_path(directory)) / std::to_string(number);
  const Paths paths{stem.string() + "-first.owrd", stem.string() + "-second.owrd"};
  if (auto written = write_new_file(paths.first, as_bytes(evidence.first())); !written)
    return written.error();
  if (auto written = write_new_file(paths.second, as_bytes(evidence.second())); !written)
    return written.error();
  return paths;
}

Result<std::vector<Paths>> write_all_objects(const v1::EvidenceReply& reply,
                                             const std::string& directory) {
  std::vector<Paths> all(static_cast<std::size_t>(reply.evidence_size()));
  if (directory.empty()) return all;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return Error{ErrorCode::Io, "making the directory " + directory + ": " + error.message(),
                 "name a directory that you may write to"};
  int number = 0;
  for (auto& paths : all) {
    auto written = write_objects(directory, number + 1, reply.evidence(number));
    if (!written) return written.error();
    paths = std::move(*written);
    ++number;
  }
  return all;
}

void print(Context& context, const v1::EvidenceReply& reply, const std::vector<Paths>& paths) {
  auto& output = context.output();
  Table table{{{"FOUND"}, {"KIND"}, {"FROM"}, {"WHAT"}}, {}};
  for (int i = 0; i < reply.evidence_size(); ++i) {
    const auto& evidence = reply.evidence(i);
    const auto& [first, second] = paths[static_cast<std::size_t>(i)];
    if (context.json()) {
      auto record = evidence_record(evidence);
      record["first"] = first.empty() ? Json() : Json(first);
      record["second"] = second.empty() ? Json() : Json(second);
      output.record(record);
      continue;
    }
    if (output.look().quiet && !first.empty()) {
      output.result(first);
      output.result(second);
    }
    table.rows.push_back(
        {{age(evidence.found(), std::time(nullptr)), format_time(evidence.found())},
         evidence.kind(),
         evidence.source(),
         evidence.detail()});
  }
  if (!table.rows.empty() && !output.look().quiet) output.table(table);
}

Result<int> run_evidence(Context& context, const EvidenceOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::EvidenceRequest request;
  request.set_name(options.name);
  const auto reply = (*daemon)->client.call<v1::EvidenceReply>("Publishers/Evidence", request);
  if (!reply) return reply.error();
  const auto paths = write_all_objects(*reply, options.output);
  if (!paths) return paths.error();
  print(context, *reply, *paths);
  auto& output = context.output();
  if (reply->evidence().empty())
    output.note("nothing shows that " + options.name + " said two different things");
  else if (!options.output.empty())
    output.good("wrote both signed objects of each to " + options.output);
  return 0;
}

}  // namespace

void add_publisher_evidence(CommandLine& line, CLI::App& group) {
  add_command<EvidenceOptions>(
      line, group,
      {"evidence", kTrustGroup, "Show what a publisher said twice, and differently",
       "owrd publisher evidence acme\nowrd publisher evidence acme -o ./evidence"},
      add_flags, run_evidence);
}

}  // namespace owrd::cli
