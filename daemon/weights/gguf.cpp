#include "daemon/weights/gguf.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>
#include <unordered_set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/ggml_types.h"
#include "daemon/weights/gguf_metadata.h"

namespace owrd::weights {
namespace {

/// Of header, metadata and tensor table; the tokenizers of today make 16 MB.
constexpr std::uint64_t kHeadLimitBytes = 256 << 20;
constexpr std::uint64_t kNameLimitBytes = 63;  ///< ggml, include/ggml.h: GGML_MAX_NAME, with a NUL.
constexpr std::uint64_t kDimensionLimit = 4;
constexpr std::uint64_t kDefaultAlignment = 32;
/// A name of one byte and its length, no dimensions, a type and an offset.
constexpr std::uint64_t kSmallestInfoBytes = 8 + 1 + 4 + 4 + 8;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "GGUF: " + std::move(reason)};
}

Error refuse_tensor(std::string_view name, std::string reason) {
  return refuse("tensor " + quoted(name) + ": " + std::move(reason));
}

struct Header {
  std::uint64_t version = 0;
  std::uint64_t tensors = 0;
  std::uint64_t pairs = 0;
};

Result<Header> read_header(ByteStream& in) {
  const auto magic = in.text(4, 4);
  if (!magic) return refuse(magic.error().message);
  if (*magic != "GGUF") return refuse("begins with " + quoted(*magic));
  const auto version = in.number(4);
  if (!version) return refuse(version.error().message);
  if ((*version & 0xFFFF) == 0 && *version != 0)
    return refuse("the file is big-endian, which common readers refuse");
  if (*version != 2 && *version != 3)
    return refuse("version " + std::to_string(*version) + " is neither 2 nor 3");
  const auto tensors = in.number(8);
  if (!tensors) return refuse(tensors.error().message);
  const auto pairs = in.number(8);
  if (!pairs) return refuse(pairs.error().message);
  return Header{*version, *tensors, *pairs};
}

std::string text_of(const GgufMetadata& metadata, std::string_view key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string() : found->second.text;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::uint64_t> alignment_of(const GgufMetadata& metadata) {
  const auto found = metadata.find("general.alignment");
  if (found == metadata.end()) return kDefaultAlignment;
  const auto alignment = parse_number(found->second.text);
  if (found->second.kind != GgufKind::Uint32 || !alignment || !std::has_single_bit(*alignment))
    return refuse("general.alignment is " + quoted(found->second.text) + ", no power of two");
  return *alignment;
}

/// What the tensor's bytes are; nothing when its type is not known.
Result<std::optional<std::uint64_t>> size_of(const Tensor& tensor, const GgmlType* type) {
  const auto elements = element_count(tensor.shape);
  if (!elements || *elements > (~std::uint64_t{0} >> 1))
    return refuse_tensor(tensor.name, "the shape is too large");
  if (type == nullptr) return std::optional<std::uint64_t>();
  const auto row = tensor.shape.empty() ? 1 : tensor.shape.back();
  if (row % type->block_elements != 0)
    return refuse_tensor(tensor.name, "rows of " + std::to_string(row) + " do not fill blocks of " +
                                          std::to_string(type->block_elements));
  const auto size = checked_multiply(*elements / type->block_elements, type->block_bytes);
  if (!size) return refuse_tensor(tensor.name, "the shape is too large");
  return size;
}

Result<std::vector<std::uint64_t>> read_shape(ByteStream& in, std::string_view name) {
  const auto dimensions = in.number(4);
  if (!dimensions) return refuse_tensor(name, dimensions.error().message);
  if (*dimensions > kDimensionLimit)
    return refuse_tensor(name, std::to_string(*dimensions) + " dimensions, the most is 4");
  std::vector<std::uint64_t> shape;
  for (std::uint64_t i = 0; i < *dimensions; ++i) {
    const auto dimension = in.number(8);
    if (!dimension) return refuse_tensor(name, dimension.error().message);
    shape.push_back(*dimension);
  }
  std::reverse(shape.begin(), shape.end());
  return shape;
}

/// Reads one row of the tensor table. The range is as written, from the beginning of the data.
Result<Tensor> read_info(ByteStream& in, std::uint64_t alignment, Inventory& inventory) {
  const auto name = read_gguf_string(in, kNameLimitBytes);
  if (!name) return refuse("a tensor's name: " + name.error().message);
  const auto named = check_tensor_name(*name);
  if (!named) return refuse(named.error().message);
  auto shape = read_shape(in, *name);
  if (!shape) return shape.error();
  const auto type_id = in.number(4);
  if (!type_id) return refuse_tensor(*name, type_id.error().message);
  const auto offset = in.number(8);
  if (!offset) return refuse_tensor(*name, offset.error().message);
  if (*offset % alignment != 0)
    return refuse_tensor(*name, "offset " + std::to_string(*offset) + " is no multiple of " +
                                    std::to_string(alignment));

  const auto* type = find_ggml_type(static_cast<std::uint32_t>(*type_id));
  const auto id = std::to_string(*type_id);
  Tensor tensor{*name, type ? std::string(type->name) : "type " + id, *std::move(shape)};
  const auto size = size_of(tensor, type);
  if (!size) return size.error();
  if (!*size) {
    inventory.warn("gguf.unknown-type",
                   "tensor " + quoted(*name) + " has the unknown type " + id + ": size not known");
    return tensor;
  }
  const auto end = checked_add(*offset, **size);
  if (!end) return refuse_tensor(*name, "ends behind the file");
  tensor.bytes = ByteRange{*offset, *end};
  return tensor;
}

Result<> read_infos(ByteStream& in, std::uint64_t count, std::uint64_t alignment,
                    Inventory& inventory) {
  if (count > kTensorLimit || count > in.remaining() / kSmallestInfoBytes)
    return refuse(std::to_string(count) + " tensors, more than the file can hold");
  std::unordered_set<std::string> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto tensor = read_info(in, alignment, inventory);
    if (!tensor) return tensor.error();
    if (!names.insert(tensor->name).second) return refuse_tensor(tensor->name, "twice");
    inventory.tensors.push_back(*std::move(tensor));
  }
  return Done{};
}

/// From offsets in the data to bytes of the file, which ends at `file_bytes`.
Result<> place(std::vector<Tensor>& tensors, std::uint64_t data_begin, std::uint64_t file_bytes) {
  for (auto& tensor : tensors) {
    if (!tensor.bytes) continue;
    const auto end = checked_add(tensor.bytes->end, data_begin);
    if (!end || *end > file_bytes) return refuse_tensor(tensor.name, "ends behind the file");
    tensor.bytes = ByteRange{tensor.bytes->begin + data_begin, *end};
  }
  return Done{};
}

bool are_in_order(const std::vector<const Tensor*>& tensors) {
  return std::is_sorted(tensors.begin(), tensors.end(), [](const Tensor* a, const Tensor* b) {
    return a->bytes->begin < b->bytes->begin;
  });
}

/// Each tensor begins where the one before ends, rounded up; only what is empty shares a place.
Result<> check_layout(std::uint64_t data_begin, std::uint64_t file_bytes, std::uint64_t alignment,
                      Inventory& inventory) {
  std::vector<const Tensor*> sorted;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.bytes) return Done{};  // Where the next one is to begin cannot be told.
    sorted.push_back(&tensor);
  }
  if (!are_in_order(sorted))
    inventory.warn("gguf.order",
                   "the tensors are not in the order of their data; llama.cpp "
                   "refuses such files");
  std::stable_sort(sorted.begin(), sorted.end(), [](const Tensor* a, const Tensor* b) {
    return std::pair(a->bytes->begin, a->bytes->end) < std::pair(b->bytes->begin, b->bytes->end);
  });
  std::uint64_t end = data_begin;
  for (const auto* tensor : sorted) {
    if (tensor->bytes->begin < end)
      return refuse_tensor(tensor->name, "overlaps the one before it");
    const auto expected = checked_round_up(end - data_begin, alignment);
    if (tensor->bytes->begin - data_begin != expected)
      inventory.warn("gguf.hole", "a hole before tensor " + quoted(tensor->name));
    end = tensor->bytes->end;
  }
  const auto padded = checked_round_up(end - data_begin, alignment);
  if (padded && file_bytes > data_begin && file_bytes - data_begin > *padded)
    inventory.warn("gguf.left-over", std::to_string(file_bytes - data_begin - *padded) +
                                         " bytes behind the last tensor");
  return Done{};
}

/// Takes the texts out of the metadata.
void describe(GgufMetadata& metadata, Inventory& inventory) {
  inventory.architecture = text_of(metadata, "general.architecture");
  inventory.tokenizer = text_of(metadata, "tokenizer.ggml.model");
  inventory.chat_template = text_of(metadata, "tokenizer.chat_template");
  inventory.context_length =
      parse_number(text_of(metadata, inventory.architecture + ".context_length"));
  const auto file_type = parse_number(text_of(metadata, "general.file_type"));
  for (const auto& [key, value] : metadata)
    if (value.kind == GgufKind::Bool && value.text != "true" && value.text != "false")
      inventory.warn("gguf.boolean", "key " + quoted(key) + " is a boolean of " + value.text);
  for (auto& [key, value] : metadata) inventory.metadata.emplace(key, std::move(value.text));
  if (file_type && !ggml_file_type(*file_type).empty())
    inventory.metadata["general.file_type"] = ggml_file_type(*file_type);
}

}  // namespace

Result<Inventory> read_gguf(ByteSource& source) {
  ByteStream in(source, 0, std::min(source.size(), kHeadLimitBytes));
  const auto header = read_header(in);
  if (!header) return header.error();
  auto metadata = read_gguf_metadata(in, header->pairs);
  if (!metadata) return metadata.error();
  const auto alignment = alignment_of(*metadata);
  if (!alignment) return alignment.error();

  Inventory inventory;
  inventory.format = Format::Gguf;
  inventory.version = std::to_string(header->version);
  describe(*metadata, inventory);
  const auto infos = read_infos(in, header->tensors, *alignment, inventory);
  if (!infos) return infos.error();
  const auto data_begin = checked_round_up(in.position(), *alignment);
  if (!data_begin) return refuse("general.alignment is too large");
  const auto placed = place(inventory.tensors, *data_begin, source.size());
  if (!placed) return placed.error();
  const auto laid_out = check_layout(*data_begin, source.size(), *alignment, inventory);
  if (!laid_out) return laid_out.error();
  return inventory;
}

Result<Inventory> join_gguf_splits(std::vector<Shard> splits) {
  const auto number = [](const Shard& split, const char* key) {
    const auto found = split.inventory.metadata.find(key);
    return found == split.inventory.metadata.end() ? std::nullopt : parse_number(found->second);
  };
  for (const auto& split : splits) {
    if (!number(split, "split.no") || !number(split, "split.count"))
      return refuse(quoted(split.name) + " says not which part of a split model it is");
    if (*number(split, "split.count") != splits.size())
      return refuse(quoted(split.name) + " is one of " +
                    std::to_string(*number(split, "split.count")) + " parts, there are " +
                    std::to_string(splits.size()));
  }
  std::sort(splits.begin(), splits.end(), [&](const Shard& a, const Shard& b) {
    return *number(a, "split.no") < *number(b, "split.no");
  });
  for (std::size_t i = 0; i < splits.size(); ++i)
    if (*number(splits[i], "split.no") != i)
      return refuse("part " + std::to_string(i) + " of the split model is missing");
  const auto total = splits.empty() ? std::nullopt : number(splits[0], "split.tensors.count");
  auto whole = join_shards(std::move(splits));
  if (!whole) return whole.error();
  if (total && *total != whole->tensors.size())
    return refuse("the parts hold " + std::to_string(whole->tensors.size()) +
                  " tensors, split.tensors.count is " + std::to_string(*total));
  return whole;
}

}  // namespace owrd::weights
