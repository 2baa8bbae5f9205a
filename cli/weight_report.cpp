#include "cli/weight_report.h"

#include <utility>

#include "cli/wording.h"
#include "daemon/content/looking.h"
#include "daemon/core/units.h"
#include "daemon/release/tensor_list.h"

namespace owrd::cli {
namespace {

std::string shape_text(const v1::Tensor& tensor) {
  std::string text;
  for (const auto dimension : tensor.shape())
    text += (text.empty() ? "" : "x") + std::to_string(dimension);
  return text.empty() ? "scalar" : text;
}

std::string range_text(const v1::Tensor& tensor) {
  if (tensor.begin() == tensor.end()) return "-";
  return std::to_string(tensor.begin()) + "-" + std::to_string(tensor.end());
}

std::string share_text(const weights::DtypeShare& share) {
  return share.dtype + "  " + count_of(share.tensors, "tensor") + ", " +
         std::to_string(share.elements) + " values, " + format_size(share.bytes);
}

void print_set(Output& output, const weights::WeightSet& set) {
  const auto& inventory = set.inventory;
  const auto add = [&output](const char* name, const std::string& value) {
    if (!value.empty()) output.result(std::string("  ") + name + "  " + value);
  };
  output.result(set.name);
  add("format        ", std::string(weights::to_string(inventory.format)) +
                            (inventory.version.empty() ? "" : " " + inventory.version));
  add("files         ", std::to_string(inventory.files.size()));
  add("architecture  ", inventory.architecture);
  add("parameters    ", std::to_string(weights::parameter_count(inventory)));
  add("tensors       ", std::to_string(inventory.tensors.size()));
  for (const auto& share : weights::dtype_histogram(inventory))
    add("dtype         ", share_text(share));
  add("context length", inventory.context_length ? std::to_string(*inventory.context_length) : "");
  add("tokenizer     ", inventory.tokenizer);
  add("chat template ", inventory.chat_template.empty()
                            ? ""
                            : std::to_string(inventory.chat_template.size()) + " bytes");
  for (const auto& warning : inventory.warnings)
    output.warning(warning.rule + ": " + warning.message);
}

Json set_record(const weights::WeightSet& set) {
  const auto& inventory = set.inventory;
  auto types = Json::array();
  for (const auto& share : weights::dtype_histogram(inventory))
    types.push_back(Json{{"dtype", share.dtype},
                         {"tensors", share.tensors},
                         {"elements", share.elements},
                         {"bytes", share.bytes}});
  auto warnings = Json::array();
  for (const auto& warning : inventory.warnings)
    warnings.push_back(Json{{"rule", warning.rule}, {"message", warning.message}});
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return Json{
      {"name", set.name},
      {"format", weights::to_string(inventory.format)},
      {"version", or_null(inventory.version)},
      {"files", inventory.files},
      {"architecture", or_null(inventory.architecture)},
      {"parameters", weights::parameter_count(inventory)},
      {"tensors", inventory.tensors.size()},
      {"dtypes", types},
      {"context_length", inventory.context_length ? Json(*inventory.context_length) : Json()},
      {"tokenizer", or_null(inventory.tokenizer)},
      {"chat_template", or_null(inventory.chat_template)},
      {"warnings", warnings}};
}

Json tensor_record(const v1::TensorFile& file, const v1::Tensor& tensor) {
  const bool has_range = tensor.begin() != tensor.end();
  return Json{
      {"file", file.path()},
      {"name", tensor.name()},
      {"dtype", tensor.dtype()},
      {"shape", std::vector<std::uint64_t>(tensor.shape().begin(), tensor.shape().end())},
      {"begin", has_range ? Json(tensor.begin()) : Json()},
      {"end", has_range ? Json(tensor.end()) : Json()},
      {"sha256", tensor.sha256().empty() ? Json() : Json(to_hex(as_bytes(tensor.sha256())))}};
}

}  // namespace

Result<WeightReport> report_of_files(const std::filesystem::path& directory,
                                     const std::vector<std::string>& paths) {
  auto inspected = content::inspect_weights(directory, paths, {});
  if (!inspected) return inspected.error();
  WeightReport report;
  report.problems = std::move(inspected->problems);
  for (const auto& file : inspected->files)
    *report.tensors.add_files() = content::describe_tensors(file);
  auto sets = content::weight_sets(directory, paths, std::move(inspected->files));
  if (!sets) return sets.error();
  report.sets = std::move(*sets);
  return report;
}

Result<WeightReport> report_of_list(ByteView tensors_owrd) {
  auto list = release::parse_tensor_list(tensors_owrd);
  if (!list) return list.error();
  std::vector<weights::Shard> files;
  for (const auto& file : list->files()) files.push_back(content::shard_of(file));
  auto sets = weights::find_sets(std::move(files), {});
  if (!sets) return sets.error();
  return WeightReport{std::move(*sets), std::move(*list), {}};
}

void print_sets(Output& output, const WeightReport& report) {
  for (const auto& set : report.sets) print_set(output, set);
  for (const auto& problem : report.problems)
    output.warning(problem.rule + " cannot be read: " + problem.message);
}

void print_tensors(Output& output, const WeightReport& report) {
  Table table{{{"NAME"}, {"DTYPE"}, {"SHAPE"}, {"FILE"}, {"BYTES"}, {"SHA256"}}, {}};
  for (const auto& file : report.tensors.files())
    for (const auto& tensor : file.tensors())
      table.rows.push_back(
          {tensor.name(), tensor.dtype(), shape_text(tensor), file.path(), range_text(tensor),
           tensor.sha256().empty() ? std::string("-") : to_hex(as_bytes(tensor.sha256()))});
  output.table(table);
}

Json weight_record(const WeightReport& report, bool with_tensors) {
  Json record{{"sets", Json::array()}, {"problems", Json::array()}};
  for (const auto& set : report.sets) record["sets"].push_back(set_record(set));
  for (const auto& problem : report.problems)
    record["problems"].push_back(Json{{"path", problem.rule}, {"message", problem.message}});
  if (!with_tensors) return record;
  record["tensors"] = Json::array();
  for (const auto& file : report.tensors.files())
    for (const auto& tensor : file.tensors())
      record["tensors"].push_back(tensor_record(file, tensor));
  return record;
}

}  // namespace owrd::cli
