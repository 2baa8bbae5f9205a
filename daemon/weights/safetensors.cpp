#include "daemon/weights/safetensors.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/little_endian.h"
#include "daemon/weights/safetensors_header.h"

namespace owrd::weights {
namespace {

/// huggingface_hub, constants.py: SAFETENSORS_MAX_HEADER_LENGTH.
constexpr std::uint64_t kCommonHeaderLimitBytes = 25'000'000;
constexpr std::uint64_t kLengthBytes = 8;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "safetensors: " + std::move(reason)};
}

Result<std::uint64_t> read_header_length(ByteSource& source) {
  if (source.size() < kLengthBytes) return refuse("the file is shorter than its header's length");
  const auto head = source.read(0, kLengthBytes);
  if (!head) return head.error();
  const auto length = little_endian(*head, 0, kLengthBytes);
  if (length > kSafetensorsHeaderLimitBytes)
    return refuse("a header of " + std::to_string(length) + " bytes, the most is 100,000,000");
  if (length > source.size() - kLengthBytes) return refuse("the header is longer than the file");
  return length;
}

/// Nothing overlaps, nothing is left out, and the last tensor ends where the buffer does
/// (safetensors, README.md: "The byte buffer needs to be entirely indexed").
Result<> check_coverage(const std::vector<Tensor>& tensors, std::uint64_t buffer_bytes) {
  std::vector<const Tensor*> sorted;
  sorted.reserve(tensors.size());
  for (const auto& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(), [](const Tensor* a, const Tensor* b) {
    return std::pair(a->bytes->begin, a->bytes->end) < std::pair(b->bytes->begin, b->bytes->end);
  });
  std::uint64_t end = 0;
  for (const auto* tensor : sorted) {
    if (tensor->bytes->begin < end)
      return refuse("tensor " + quoted(tensor->name) + " overlaps the one before it");
    if (tensor->bytes->begin > end) return refuse("a hole before tensor " + quoted(tensor->name));
    end = tensor->bytes->end;
  }
  if (end > buffer_bytes) return refuse("the tensors end behind the file");
  if (end < buffer_bytes)
    return refuse(std::to_string(buffer_bytes - end) + " bytes behind the last tensor");
  return Done{};
}

void warn_of_padding(std::string_view header, Inventory& inventory) {
  const auto last = header.find_last_not_of(' ');
  if (last != header.npos && header[last] != '}')
    inventory.warn("safetensors.padding", "the header is padded with more than spaces");
}

}  // namespace

Result<Inventory> read_safetensors(ByteSource& source) {
  const auto length = read_header_length(source);
  if (!length) return length.error();
  const auto header = source.read(kLengthBytes, *length);
  if (!header) return header.error();
  const auto text = as_text(*header);
  if (!text.starts_with('{')) return refuse("the header does not begin with {");

  Inventory inventory;
  inventory.format = Format::Safetensors;
  if (*length > kCommonHeaderLimitBytes)
    inventory.warn("safetensors.large-header",
                   "a header of " + std::to_string(*length) + " bytes; some readers stop at 25 MB");
  warn_of_padding(text, inventory);
  SafetensorsHeader visitor(inventory);
  const auto walked = walk_json(text, visitor);
  if (!walked) {
    const auto& message = walked.error().message;
    return message.starts_with("safetensors: ") ? walked.error() : refuse(message);
  }

  const auto data_begin = kLengthBytes + *length;
  const auto covered = check_coverage(inventory.tensors, source.size() - data_begin);
  if (!covered) return covered.error();
  for (auto& tensor : inventory.tensors) {
    tensor.bytes->begin += data_begin;
    tensor.bytes->end += data_begin;
  }
  return inventory;
}

}  // namespace owrd::weights
