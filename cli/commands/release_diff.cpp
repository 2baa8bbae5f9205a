#include "cli/release_diff.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/commands/release.h"
#include "cli/files.h"
#include "cli/listed.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"
#include "daemon/release/manifest.h"
#include "daemon/release/manifest_diff.h"
#include "daemon/release/path_rules.h"
#include "daemon/release/tensor_list.h"
#include "daemon/trust/envelope.h"

namespace owrd::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
};

void add_flags(CLI::App& command, DiffOptions& options) {
  command.add_option("before", options.before, "A release")->required()->type_name("REF");
  command.add_option("after", options.after, "Another one, such as a later version")
      ->required()
      ->type_name("REF");
}

/// One of the two: what its publisher's feed lists, and what the store holds of it.
struct Side {
  std::string ref;
  std::optional<v1::ListedRecord> listed;
  std::optional<v1::ShowReleaseReply> stored;

  std::uint64_t bytes() const { return stored ? stored->release().bytes_total() : listed->bytes(); }
  std::string license() const { return stored ? stored->release().license() : listed->license(); }
  std::string release_id() const {
    return stored ? stored->release().release_id() : listed->release_id();
  }
};

Result<v1::ShowReleaseReply> show_release(Daemon& daemon, const std::string& ref) {
  v1::ShowReleaseRequest request;
  request.set_ref(ref);
  return daemon.client.call<v1::ShowReleaseReply>("Releases/Show", request);
}

/// A name stands for what the feed says that it stands for; what no feed lists may still be here.
Result<Side> find_side(Daemon& daemon, const std::string& ref) {
  Side side{ref, {}, {}};
  const auto resolved = resolve(daemon, ref, /*allow_stale=*/true);
  if (!resolved && resolved.error().code != ErrorCode::NotFound) return resolved.error();
  if (resolved) {
    side.listed = resolved->release();
    side.ref = resolved->release().ref();
  }
  const auto stored =
      show_release(daemon, resolved ? "@sha256:" + resolved->release().release_id() : ref);
  if (!stored && stored.error().code != ErrorCode::NotFound) return stored.error();
  if (stored) {
    side.stored = *stored;
    side.ref = stored->release().ref();
  }
  if (!side.listed && !side.stored) return resolved.error();
  return side;
}

Result<release::Manifest> manifest_in(const Side& side) {
  const auto envelope =
      trust::parse_envelope(as_bytes(side.stored->envelope()), trust::PayloadKind::Manifest);
  if (!envelope) return envelope.error();
  return release::Manifest::parse(envelope->payload);
}

Json side_record(const Side& side) {
  return Json{{"ref", side.ref},
              {"release_id", side.release_id()},
              {"bytes", side.bytes()},
              {"license", side.license()},
              {"here", side.stored.has_value()}};
}

Json change_record(const FileChange& change) {
  Json record{{"change", to_string(change.kind)}, {"path", change.path}};
  if (change.kind == FileChange::Kind::Moved) record["before_path"] = change.before_path;
  if (change.kind != FileChange::Kind::Added) record["bytes_before"] = change.before_bytes;
  if (change.kind != FileChange::Kind::Removed) record["bytes_after"] = change.after_bytes;
  return record;
}

Cell size_cell(std::uint64_t bytes, bool is_there) {
  if (!is_there) return std::string("-");
  return {format_size(bytes), std::to_string(bytes)};
}

std::vector<Cell> row_of(const FileChange& change) {
  const bool is_moved = change.kind == FileChange::Kind::Moved;
  return {std::string(to_string(change.kind)),
          is_moved ? change.before_path + " -> " + change.path : change.path,
          size_cell(change.before_bytes, change.kind != FileChange::Kind::Added),
          size_cell(change.after_bytes, change.kind != FileChange::Kind::Removed)};
}

void note_sides(Output& output, const Side& before, const Side& after) {
  output.note("size      " + format_size(before.bytes()) + " -> " + format_size(after.bytes()));
  if (before.license() != after.license())
    output.warning("the licence changes: " + before.license() + " -> " + after.license());
  else
    output.note("licence   " + after.license() + ", the same");
}

/// What the two manifests say otherwise; nothing where one of them cannot be read.
release::ManifestDiff diff_of(const Side& before, const Side& after) {
  const auto old_manifest = manifest_in(before);
  const auto new_manifest = manifest_in(after);
  if (!old_manifest || !new_manifest) return {};
  return release::diff_manifests(old_manifest->message(), new_manifest->message());
}

/// By file and name: their digests. Empty where the release has no list of them here.
using TensorDigests = std::map<std::string, std::string>;
TensorDigests tensors_in(const Side& side) {
  TensorDigests digests;
  const auto file =
      std::filesystem::path(side.stored->release().directory()) / release::kTensorsName;
  const auto bytes = read_file(file, release::kTensorListLimitBytes);
  const auto list =
      bytes ? release::parse_tensor_list(*bytes) : Result<v1::TensorList>(bytes.error());
  if (!list) return digests;
  for (const auto& each : list->files())
    for (const auto& tensor : each.tensors()) digests[tensor.name()] = tensor.sha256();
  return digests;
}

std::vector<std::string> changed_tensors(const Side& before, const Side& after) {
  const auto old_tensors = tensors_in(before);
  const auto new_tensors = tensors_in(after);
  std::vector<std::string> changed;
  for (const auto& [name, digest] : new_tensors) {
    const auto found = old_tensors.find(name);
    if (found == old_tensors.end() || found->second != digest) changed.push_back(name);
  }
  for (const auto& [name, digest] : old_tensors)
    if (new_tensors.count(name) == 0) changed.push_back(name);
  return changed;
}

void print_fields(Output& output, const Side& before, const Side& after) {
  Table table{{{"FIELD"}, {"BEFORE"}, {"AFTER"}}, {}};
  for (const auto& field : diff_of(before, after).fields)
    table.rows.push_back({field.path, field.before.empty() ? std::string("-") : field.before,
                          field.after.empty() ? std::string("-") : field.after});
  if (!table.rows.empty()) output.table(table);
  const auto tensors = changed_tensors(before, after);
  constexpr std::size_t kMostNamed = 20;
  for (std::size_t i = 0; i < std::min(tensors.size(), kMostNamed); ++i)
    output.note("tensor    " + tensors[i]);
  if (!tensors.empty()) output.note(count_of(tensors.size(), "tensor") + " differ");
}

void print_files(Context& context, const Side& before, const Side& after) {
  const auto& old_files = before.stored->files();
  const auto& new_files = after.stored->files();
  const auto changes = diff_files(old_files, new_files);
  auto& output = context.output();
  Table table{{{"CHANGE"}, {"FILE"}, {"BEFORE", true}, {"AFTER", true}}, {}};
  for (const auto& change : changes) table.rows.push_back(row_of(change));
  if (!table.rows.empty()) output.table(table);
  print_fields(output, before, after);
  note_sides(output, before, after);
  output.note(changes.empty() ? "all files are the same"
                              : format_size(new_bytes(old_files, new_files)) +
                                    " are in files that " + before.ref + " does not have");
}

Json field_record(const release::FieldChange& change) {
  return Json{{"path", change.path}, {"before", change.before}, {"after", change.after}};
}

void print_record(Context& context, const Side& before, const Side& after) {
  const bool has_files = before.stored && after.stored;
  Json record{{"before", side_record(before)},
              {"after", side_record(after)},
              {"by", has_files ? "files" : "feed"}};
  if (has_files) {
    record["bytes_new"] = new_bytes(before.stored->files(), after.stored->files());
    record["files"] = Json::array();
    for (const auto& change : diff_files(before.stored->files(), after.stored->files()))
      record["files"].push_back(change_record(change));
    record["fields"] = Json::array();
    for (const auto& change : diff_of(before, after).fields)
      record["fields"].push_back(field_record(change));
    record["tensors"] = changed_tensors(before, after);
  }
  context.output().record(record);
}

void print_listed_sides(Context& context, const Side& before, const Side& after) {
  auto& output = context.output();
  for (const auto* side : {&before, &after})
    if (!side->stored)
      output.note(side->ref + " is not in the store: compared is only what the feed lists");
  note_sides(output, before, after);
  Table table{{{""}, {"BEFORE"}, {"AFTER"}}, {}};
  const auto add = [&table](const char* name, const Cell& old_value, const Cell& new_value) {
    table.rows.push_back({std::string(name), old_value, new_value});
  };
  add("ref", before.ref, after.ref);
  add("release id", before.release_id(), after.release_id());
  add("size", size_cell(before.bytes(), true), size_cell(after.bytes(), true));
  add("license", before.license(), after.license());
  output.table(table);
}

Result<int> run_diff(Context& context, const DiffOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto before = find_side(**daemon, options.before);
  if (!before) return before.error();
  const auto after = find_side(**daemon, options.after);
  if (!after) return after.error();
  if (context.json())
    print_record(context, *before, *after);
  else if (before->stored && after->stored)
    print_files(context, *before, *after);
  else
    print_listed_sides(context, *before, *after);
  return 0;
}

}  // namespace

void add_release_diff(CommandLine& line, CLI::App& group) {
  add_command<DiffOptions>(
      line, group,
      {"diff", kPublishGroup, "Compare two releases: files, tensors, licence, every field",
       "owrd release diff acme/atlas:1.1.0 acme/atlas:1.2.0"},
      add_flags, run_diff);
}

}  // namespace owrd::cli
