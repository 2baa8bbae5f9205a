#include "daemon/engine/looking_at.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "daemon/card/front_matter.h"
#include "daemon/content/files.h"
#include "daemon/core/text.h"

namespace owrd::engine {
namespace {

constexpr std::uint64_t kLicenseLimitBytes = 1024 * 1024;
constexpr auto kCardName = "README.md";

std::vector<std::string> paths_of(const std::vector<content::ScannedFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  return paths;
}

/// The tensors of a file that are runs of bytes of their own, as they follow each other: a digest
/// of what another has, too, would say nothing more, and could cost without end.
std::vector<int> apart(const v1::TensorFile& file) {
  std::vector<int> order(static_cast<std::size_t>(file.tensors_size()));
  std::iota(order.begin(), order.end(), 0);
  const auto begin = [&](int i) { return file.tensors(i).begin(); };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return begin(a) < begin(b); });
  std::uint64_t end = 0;
  std::erase_if(order, [&](int i) {
    const auto& tensor = file.tensors(i);
    if (tensor.begin() == tensor.end() || tensor.begin() < end) return true;
    end = tensor.end();
    return false;
  });
  return order;
}

std::vector<hash::Range> ranges_of(const v1::TensorFile& file) {
  std::vector<hash::Range> ranges;
  for (const auto i : apart(file))
    ranges.push_back({file.tensors(i).begin(), file.tensors(i).end()});
  return ranges;
}

/// Of several small weights in one element nothing can be counted.
bool may_be_packed(const weights::Inventory& inventory) {
  std::uint64_t packed = 0, all = 0;
  for (const auto& share : weights::dtype_histogram(inventory)) {
    all += share.bytes;
    const bool is_integer = share.dtype == "U8" || share.dtype == "I8" || share.dtype == "I32" ||
                            share.dtype == "U32" || share.dtype == "I64";
    if (is_integer) packed += share.bytes;
  }
  return packed > all / 20;
}

/// Of the largest set: a release may hold its weights twice.
Result<std::optional<std::uint64_t>> parameters_of(const PrepareRequest& request,
                                                   const std::vector<std::string>& paths,
                                                   const LookedAt& looked) {
  const auto sets = content::weight_sets(request.directory, paths, looked.weights.files);
  if (!sets) return sets.error();
  if (sets->empty() || sets->front().inventory.tensors.empty() ||
      may_be_packed(sets->front().inventory))
    return std::optional<std::uint64_t>();
  return std::optional(weights::parameter_count(sets->front().inventory));
}

/// What a release's card says is held against its licence; the rest only against a description.
void read_card(const PrepareRequest& request, LookedAt& looked) {
  const auto text = content::read_file(request.directory, kCardName, card::kCardLimitBytes);
  if (!text) return;
  const auto front_matter = card::parse_front_matter(as_text(*text), kCardName);
  if (!front_matter) {
    looked.card_problem = front_matter.error().message;
    return;
  }
  looked.card = card::card_facts(*front_matter);
  auto rest = request.said;
  rest.clear_license();
  if (rest.ByteSizeLong() != 0) return;
  looked.card->base_models.clear();
  looked.card->datasets.clear();
}

}  // namespace

Result<LookedAt> look_at(const PrepareRequest& request,
                         const std::vector<content::ScannedFile>& files,
                         const content::JobContext& job) {
  const auto paths = paths_of(files);
  auto audited = content::audit_files(request.directory, paths, job);
  if (!audited) return audited.error();
  const auto judged = content::judge_audit(
      *audited, request.allow,
      "owrd audit " + shell_quote(request.directory.string()) +
          " shows all of it; to publish it all the same: owrd publish … --reason TEXT");
  if (!judged) return judged.error();
  auto weights = content::inspect_weights(request.directory, paths, job);
  if (!weights) return weights.error();
  LookedAt looked{std::move(*audited), std::move(*weights), {}, {}};
  read_card(request, looked);
  for (const auto& file : looked.weights.files) {
    auto described = content::describe_tensors(file);
    if (auto ranges = ranges_of(described); !ranges.empty())
      looked.ranges.emplace(file.name, std::move(ranges));
    *looked.tensors.add_files() = std::move(described);
  }
  return looked;
}

void set_digests(v1::TensorList& tensors, const std::vector<content::ScannedFile>& files,
                 const std::vector<hash::FileDigests>& digests) {
  for (auto& described : *tensors.mutable_files()) {
    const auto found = std::find_if(
        files.begin(), files.end(),
        [&](const content::ScannedFile& file) { return file.path == described.path(); });
    const auto& ranges = digests[static_cast<std::size_t>(found - files.begin())].ranges;
    const auto order = apart(described);
    for (std::size_t i = 0; i < order.size() && i < ranges.size(); ++i)
      described.mutable_tensors(order[i])->set_sha256(ranges[i].to_field());
  }
}

Result<release::PublicationFacts> facts_of(const PrepareRequest& request,
                                           const v1::Manifest& manifest,
                                           const std::vector<content::ScannedFile>& files,
                                           const LookedAt& looked) {
  release::PublicationFacts facts;
  facts.recognised_weight_files = looked.weights.files.size();
  const auto parameters = parameters_of(request, paths_of(files), looked);
  if (!parameters) return parameters.error();
  facts.tensor_parameters = *parameters;
  facts.api_endpoints = request.api_endpoints;
  facts.stated_label = request.stated_label;
  facts.parent_licenses = request.parent_licenses;
  facts.card = looked.card;
  if (const auto& path = manifest.license().text_path(); !path.empty()) {
    const auto text = content::read_file(request.directory, path, kLicenseLimitBytes);
    if (!text) return text.error();
    facts.license_text = as_text(*text);
  }
  return facts;
}

}  // namespace owrd::engine
