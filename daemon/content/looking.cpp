#include "daemon/content/looking.h"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/content/parallel.h"
#include "daemon/weights/audit.h"
#include "daemon/weights/inspect.h"
#include "daemon/weights/safetensors_index.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexSuffix = ".index.json";

weights::Findings audit_file(const fs::path& directory, const std::string& path) {
  const auto source = FileSource::open(directory, path);
  if (source) return weights::audit(path, **source);
  return {{"file.unreadable", weights::Severity::Fail, "It could not be read.",
           source.error().message}};
}

/// Nothing for what is no weight file.
Result<std::optional<weights::Inventory>> inspect_file(const fs::path& directory,
                                                       const std::string& path) {
  const auto source = FileSource::open(directory, path);
  if (!source) return source.error();
  const auto format = weights::recognise_source(path, **source);
  if (!format) return format.error();
  if (*format == weights::Format::NotWeights) return std::optional<weights::Inventory>();
  auto inventory = weights::inspect(path, **source);
  if (!inventory) return inventory.error();
  return std::optional(std::move(*inventory));
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const fs::path& directory,
                                                     const std::string& path) {
  auto file = open_file(directory, path);
  if (!file) return file.error();
  const auto identity = identify(*file, directory / path);
  if (!identity) return identity.error();
  return std::unique_ptr<FileSource>(
      new FileSource(directory / path, std::move(*file), identity->size));
}

Result<Bytes> FileSource::read_within(std::uint64_t offset, std::size_t length) {
  Bytes bytes(length);
  const auto got = read_at(file_, bytes, offset, what_);
  if (!got) return got.error();
  if (*got == length) return bytes;
  return Error{ErrorCode::Corrupt, what_.string() + " became shorter while it was read"};
}

Result<std::vector<AuditedFile>> audit_files(const fs::path& directory,
                                             const std::vector<std::string>& paths,
                                             const JobContext& job) {
  std::vector<AuditedFile> audited(paths.size());
  const auto done = for_each_index(paths.size(), core_count(), job, [&](std::size_t i) -> Result<> {
    audited[i] = {paths[i], audit_file(directory, paths[i])};
    return Done{};
  });
  if (!done) return done.error();
  return audited;
}

Result<InspectedWeights> inspect_weights(const fs::path& directory,
                                         const std::vector<std::string>& paths,
                                         const JobContext& job) {
  std::vector<std::optional<weights::Inventory>> found(paths.size());
  std::vector<std::string> problems(paths.size());
  const auto done = for_each_index(paths.size(), core_count(), job, [&](std::size_t i) -> Result<> {
    auto inventory = inspect_file(directory, paths[i]);
    if (inventory)
      found[i] = std::move(*inventory);
    else
      problems[i] = inventory.error().message;
    return Done{};
  });
  if (!done) return done.error();
  InspectedWeights inspected;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (found[i]) inspected.files.push_back({paths[i], std::move(*found[i])});
    if (!problems[i].empty()) inspected.problems.push_back({paths[i], problems[i]});
  }
  return inspected;
}

Result<std::vector<weights::WeightSet>> weight_sets(const fs::path& directory,
                                                    const std::vector<std::string>& paths,
                                                    const std::vector<weights::Shard>& files) {
  std::map<std::string, std::string> indexes;
  for (const auto& path : paths) {
    if (!path.ends_with(kIndexSuffix)) continue;
    const auto text = read_file(directory, path, weights::kIndexLimitBytes);
    if (!text) return text.error();
    indexes.emplace(path, as_text(*text));
  }
  return weights::find_sets(files, indexes);
}

v1::TensorFile describe_tensors(const weights::Shard& file) {
  const auto& inventory = file.inventory;
  v1::TensorFile message;
  message.set_path(file.name);
  message.set_format(std::string(weights::to_string(inventory.format)));
  message.set_format_version(inventory.version);
  message.set_architecture(inventory.architecture);
  message.set_tokenizer(inventory.tokenizer);
  message.set_chat_template(inventory.chat_template);
  message.set_context_length(inventory.context_length.value_or(0));
  for (const auto& [name, value] : inventory.metadata) {
    auto& setting = *message.add_metadata();
    setting.set_name(name);
    setting.set_value(value);
  }
  for (const auto& tensor : inventory.tensors) {
    auto& described = *message.add_tensors();
    described.set_name(tensor.name);
    described.set_dtype(tensor.dtype);
    for (const auto dimension : tensor.shape) described.add_shape(dimension);
    if (!tensor.bytes) continue;
    described.set_begin(tensor.bytes->begin);
    described.set_end(tensor.bytes->end);
  }
  return message;
}

weights::Shard shard_of(const v1::TensorFile& file) {
  weights::Shard shard{file.path(), {}};
  auto& inventory = shard.inventory;
  inventory.format = weights::format_of(file.format());
  inventory.version = file.format_version();
  inventory.architecture = file.architecture();
  inventory.tokenizer = file.tokenizer();
  inventory.chat_template = file.chat_template();
  if (file.context_length() != 0) inventory.context_length = file.context_length();
  for (const auto& setting : file.metadata())
    inventory.metadata.emplace(setting.name(), setting.value());
  for (const auto& tensor : file.tensors()) {
    weights::Tensor described{
        tensor.name(), tensor.dtype(), {tensor.shape().begin(), tensor.shape().end()}};
    if (tensor.end() > tensor.begin()) described.bytes = {tensor.begin(), tensor.end()};
    inventory.tensors.push_back(std::move(described));
  }
  return shard;
}

}  // namespace owrd::content
