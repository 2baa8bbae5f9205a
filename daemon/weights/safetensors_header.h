#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/weights/inventory.h"
#include "daemon/weights/json_walk.h"

namespace owrd::weights {

/// The bits of one element of a dtype that safetensors knows, such as 16 for "BF16".
std::optional<std::uint64_t> safetensors_dtype_bits(std::string_view dtype);

/// Collects what the JSON of a safetensors header says. The ranges of the tensors are as written:
/// from the beginning of the buffer behind the header.
class SafetensorsHeader : public JsonVisitor {
 public:
  explicit SafetensorsHeader(Inventory& inventory) : inventory_(inventory) {}

  Result<> on_open(const JsonPath& path, JsonContainer container) override;
  Result<> on_close(const JsonPath& path) override;
  Result<> on_scalar(const JsonPath& path, const JsonScalar& scalar) override;

 private:
  Result<> on_metadata(const JsonPath& path, const JsonScalar& scalar);
  Result<> on_number(const JsonPath& path, const JsonScalar& scalar);
  Result<> finish_tensor();

  Inventory& inventory_;
  Tensor tensor_;
  std::vector<std::uint64_t> offsets_;
  bool has_shape_ = false;
};

}  // namespace owrd::weights
