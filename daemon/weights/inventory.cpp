#include "daemon/weights/inventory.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"

namespace owrd::weights {
namespace {

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return checked_add(a, b).value_or(~std::uint64_t{0});
}

std::uint64_t elements_of(const Tensor& tensor) {
  return element_count(tensor.shape).value_or(~std::uint64_t{0});
}

}  // namespace

void Inventory::warn(std::string rule, std::string message) {
  if (warnings.size() < kWarningLimit) warnings.push_back({std::move(rule), std::move(message)});
}

std::optional<std::uint64_t> element_count(const std::vector<std::uint64_t>& shape) {
  std::optional<std::uint64_t> count = 1;
  for (const auto dimension : shape) {
    count = checked_multiply(*count, dimension);
    if (!count) return std::nullopt;
  }
  return count;
}

std::uint64_t parameter_count(const Inventory& inventory) {
  std::uint64_t count = 0;
  for (const auto& tensor : inventory.tensors) count = saturating_add(count, elements_of(tensor));
  return count;
}

std::vector<DtypeShare> dtype_histogram(const Inventory& inventory) {
  std::map<std::string, DtypeShare> shares;
  for (const auto& tensor : inventory.tensors) {
    auto& share = shares[tensor.dtype];
    share.dtype = tensor.dtype;
    ++share.tensors;
    share.elements = saturating_add(share.elements, elements_of(tensor));
    if (tensor.bytes) share.bytes = saturating_add(share.bytes, tensor.bytes->size());
  }
  std::vector<DtypeShare> sorted;
  sorted.reserve(shares.size());
  for (auto& [dtype, share] : shares) sorted.push_back(std::move(share));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return sorted;
}

std::string metadata_text(std::string_view text) {
  return is_valid_utf8(text) ? std::string(text) : quoted(text);
}

Result<> check_tensor_name(std::string_view name) {
  const auto wrong = [&](const char* reason) {
    return Error{ErrorCode::InvalidInput, "tensor name " + quoted(name) + ": " + reason};
  };
  if (name.empty()) return wrong("empty");
  if (!is_valid_utf8(name)) return wrong("not valid UTF-8");
  if (!is_plain_line(name)) return wrong("holds control characters");
  return Done{};
}

}  // namespace owrd::weights
