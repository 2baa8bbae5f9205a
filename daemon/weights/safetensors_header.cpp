#include "daemon/weights/safetensors_header.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"

namespace owrd::weights {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
/// Of offsets and dimensions (safetensors, docs/safetensors.schema.json).
constexpr std::uint64_t kNumberLimit = 281'474'976'710'655;

struct Dtype {
  std::string_view name;
  std::uint64_t bits;
};

/// safetensors, safetensors/src/tensor.rs: enum Dtype.
constexpr Dtype kDtypes[] = {
    {"BOOL", 8}, {"F4", 4},      {"F6_E2M3", 6},     {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8},     {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"I16", 16}, {"U16", 16},    {"F8_E5M2FNUZ", 8}, {"F16", 16},    {"BF16", 16},
    {"I32", 32}, {"U32", 32},    {"F32", 32},        {"C64", 64},    {"F64", 64},
    {"I64", 64}, {"U64", 64},
};

Error refuse(std::string_view tensor, std::string reason) {
  return Error{ErrorCode::InvalidInput,
               "safetensors: tensor " + quoted(tensor) + ": " + std::move(reason)};
}

Error refuse_metadata(std::string reason) {
  return Error{ErrorCode::InvalidInput, "safetensors: __metadata__: " + std::move(reason)};
}

bool is_metadata(const JsonPath& path) { return path[0].key == kMetadata; }
bool is_list(std::string_view field) { return field == "shape" || field == "data_offsets"; }

/// The bytes that the dtype and the shape make.
Result<std::uint64_t> size_of(const Tensor& tensor) {
  const auto bits = safetensors_dtype_bits(tensor.dtype);
  if (!bits) return refuse(tensor.name, "unknown dtype " + quoted(tensor.dtype));
  const auto elements = element_count(tensor.shape);
  const auto size_bits = elements ? checked_multiply(*elements, *bits) : std::nullopt;
  if (!size_bits) return refuse(tensor.name, "the shape is too large");
  if (*size_bits % 8 != 0) return refuse(tensor.name, "does not fill its last byte");
  return *size_bits / 8;
}

}  // namespace

std::optional<std::uint64_t> safetensors_dtype_bits(std::string_view dtype) {
  const auto* const found = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                         [&](const Dtype& known) { return known.name == dtype; });
  if (found == std::end(kDtypes)) return std::nullopt;
  return found->bits;
}

Result<> SafetensorsHeader::on_open(const JsonPath& path, JsonContainer container) {
  const bool is_object = container == JsonContainer::Object;
  if (path.empty())
    return is_object ? Result<>(Done{})
                     : Error{ErrorCode::InvalidInput, "safetensors: the header is not an object"};
  if (path.size() == 1 && !is_object)
    return is_metadata(path) ? refuse_metadata("not an object")
                             : refuse(path[0].key, "not an object");
  if (path.size() > 1 && is_metadata(path)) return refuse_metadata("a value that is not a string");
  if (path.size() == 1) {
    tensor_ = Tensor{path[0].key, {}, {}};
    offsets_.clear();
    has_shape_ = false;
  }
  if (path.size() == 2 && path[1].key == "shape") has_shape_ = true;
  if (path.size() == 2 && path[1].key == "dtype") return refuse(tensor_.name, "dtype is no string");
  if (path.size() == 2 && is_list(path[1].key) && is_object)
    return refuse(tensor_.name, path[1].key + " is no list");
  if (path.size() == 2 && !is_list(path[1].key))
    inventory_.warn(
        "safetensors.unknown-field",
        "tensor " + quoted(tensor_.name) + " has an unknown field " + quoted(path[1].key));
  if (path.size() == 3 && is_list(path[1].key))
    return refuse(tensor_.name, path[1].key + " holds more than numbers");
  return Done{};
}

Result<> SafetensorsHeader::on_close(const JsonPath& path) {
  if (path.size() != 1 || is_metadata(path)) return Done{};
  return finish_tensor();
}

Result<> SafetensorsHeader::on_scalar(const JsonPath& path, const JsonScalar& scalar) {
  if (path.empty())
    return Error{ErrorCode::InvalidInput, "safetensors: the header is not an object"};
  if (is_metadata(path)) return on_metadata(path, scalar);
  if (path.size() == 1) return refuse(path[0].key, "not an object");
  const auto& field = path[1].key;
  if (path.size() == 3 && is_list(field)) return on_number(path, scalar);
  if (path.size() > 2) return Done{};
  if (is_list(field)) return refuse(tensor_.name, field + " is no list");
  if (field != "dtype") {
    inventory_.warn("safetensors.unknown-field",
                    "tensor " + quoted(tensor_.name) + " has an unknown field " + quoted(field));
    return Done{};
  }
  if (scalar.kind != JsonScalar::Kind::String) return refuse(tensor_.name, "dtype is no string");
  tensor_.dtype = scalar.text;
  return Done{};
}

Result<> SafetensorsHeader::on_metadata(const JsonPath& path, const JsonScalar& scalar) {
  if (path.size() == 1 && scalar.kind == JsonScalar::Kind::Null) {
    inventory_.warn("safetensors.metadata-null", "__metadata__ is null, not a map");
    return Done{};
  }
  if (path.size() == 1) return refuse_metadata("not an object");
  if (scalar.kind != JsonScalar::Kind::String)
    return refuse_metadata("a value that is not a string");
  inventory_.metadata[path[1].key] = scalar.text;
  return Done{};
}

Result<> SafetensorsHeader::on_number(const JsonPath& path, const JsonScalar& scalar) {
  const auto& field = path[1].key;
  if (scalar.kind != JsonScalar::Kind::Unsigned)
    return refuse(tensor_.name, field + " holds more than whole numbers from 0");
  if (scalar.number > kNumberLimit)
    return refuse(tensor_.name, field + " holds a number above 2^48-1");
  auto& numbers = field == "shape" ? tensor_.shape : offsets_;
  numbers.push_back(scalar.number);
  return Done{};
}

Result<> SafetensorsHeader::finish_tensor() {
  const auto name = check_tensor_name(tensor_.name);
  if (!name) return Error{name.error().code, "safetensors: " + name.error().message};
  if (tensor_.dtype.empty()) return refuse(tensor_.name, "no dtype");
  if (!has_shape_) return refuse(tensor_.name, "no shape");
  if (offsets_.size() != 2) return refuse(tensor_.name, "data_offsets are not two numbers");
  if (offsets_[1] < offsets_[0]) return refuse(tensor_.name, "ends before it begins");
  const auto size = size_of(tensor_);
  if (!size) return size.error();
  if (*size != offsets_[1] - offsets_[0])
    return refuse(tensor_.name, "has " + std::to_string(offsets_[1] - offsets_[0]) +
                                    " bytes, dtype and shape make " + std::to_string(*size));
  if (inventory_.tensors.size() == kTensorLimit)
    return Error{ErrorCode::InvalidInput, "safetensors: more than 1,000,000 tensors"};
  tensor_.bytes = ByteRange{offsets_[0], offsets_[1]};
  inventory_.tensors.push_back(std::move(tensor_));
  return Done{};
}

}  // namespace owrd::weights
