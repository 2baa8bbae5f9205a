#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

// What the fuzz targets of daemon/weights share.
namespace owrd::weights {

inline void demand(bool holds) {
  if (!holds) std::abort();
}

/// Hands out buffers of exactly the size that was asked for, so that a read beyond one is seen, and
/// ends the program when a range outside of the source, or more than 256 MiB at once, is asked for.
class StrictSource : public ByteSource {
 public:
  explicit StrictSource(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override {
    demand(offset <= bytes_.size() && length <= bytes_.size() - offset && length <= 256U << 20);
    return to_bytes(bytes_.subspan(static_cast<std::size_t>(offset), length));
  }
  ByteView bytes_;
};

inline ByteView fuzz_view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

/// What holds of every inventory of a file of `size_bytes`.
inline void check_inventory(const Inventory& inventory, std::uint64_t size_bytes) {
  demand(inventory.tensors.size() <= kTensorLimit);
  demand(inventory.warnings.size() <= Inventory::kWarningLimit);
  for (const auto& tensor : inventory.tensors) {
    demand(tensor.file < inventory.files.size());
    demand(element_count(tensor.shape).has_value());
    if (tensor.bytes)
      demand(tensor.bytes->begin <= tensor.bytes->end && tensor.bytes->end <= size_bytes);
  }
  std::uint64_t tensors = 0;
  for (const auto& share : dtype_histogram(inventory)) tensors += share.tensors;
  demand(tensors == inventory.tensors.size());
}

/// Whether every byte of [begin, end) belongs to one tensor: they share none and leave none out.
inline bool is_covered(const Inventory& inventory, std::uint64_t begin, std::uint64_t end) {
  std::uint64_t total = 0;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.bytes->begin < begin || tensor.bytes->end > end) return false;
    total += tensor.bytes->size();
  }
  return total == end - begin;
}

}  // namespace owrd::weights
