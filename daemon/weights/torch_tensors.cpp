#include "daemon/weights/torch_tensors.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"

namespace owrd::weights {
namespace {

using Kind = PickleValue::Kind;

constexpr int kDepthLimit = 32;
constexpr std::size_t kVisitLimit = 4'000'000;
constexpr std::size_t kDimensionLimit = 64;
constexpr std::size_t kNameLimitBytes = 4096;
constexpr std::size_t kAllNamesLimitBytes = 256 << 20;

struct ElementType {
  std::string_view torch;  ///< Of storages, and behind the bar of torch.<dtype>.
  std::string_view dtype;
  std::uint64_t bytes;
};

/// PyTorch, torch/storage.py: _dtype_to_storage_type_map(), and the dtypes of torch.
constexpr ElementType kTypes[] = {
    {"torch.FloatStorage", "F32", 4},
    {"torch.DoubleStorage", "F64", 8},
    {"torch.HalfStorage", "F16", 2},
    {"torch.BFloat16Storage", "BF16", 2},
    {"torch.LongStorage", "I64", 8},
    {"torch.IntStorage", "I32", 4},
    {"torch.ShortStorage", "I16", 2},
    {"torch.CharStorage", "I8", 1},
    {"torch.ByteStorage", "U8", 1},
    {"torch.BoolStorage", "BOOL", 1},
    {"torch.ComplexFloatStorage", "C64", 8},
    {"torch.ComplexDoubleStorage", "C128", 16},
    {"torch.QInt8Storage", "QI8", 1},
    {"torch.QUInt8Storage", "QU8", 1},
    {"torch.QInt32Storage", "QI32", 4},
    {"torch.storage.UntypedStorage", "U8", 1},
    {"torch.float32", "F32", 4},
    {"torch.float64", "F64", 8},
    {"torch.float16", "F16", 2},
    {"torch.bfloat16", "BF16", 2},
    {"torch.int64", "I64", 8},
    {"torch.int32", "I32", 4},
    {"torch.int16", "I16", 2},
    {"torch.int8", "I8", 1},
    {"torch.uint8", "U8", 1},
    {"torch.uint16", "U16", 2},
    {"torch.uint32", "U32", 4},
    {"torch.uint64", "U64", 8},
    {"torch.bool", "BOOL", 1},
    {"torch.complex64", "C64", 8},
    {"torch.float8_e4m3fn", "F8_E4M3", 1},
    {"torch.float8_e5m2", "F8_E5M2", 1},
    {"torch.float8_e8m0fnu", "F8_E8M0", 1},
    {"torch.float8_e4m3fnuz", "F8_E4M3FNUZ", 1},
    {"torch.float8_e5m2fnuz", "F8_E5M2FNUZ", 1},
};

const ElementType* find_type(std::string_view torch) {
  const auto* const found =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [&](const ElementType& type) { return type.torch == torch; });
  return found == std::end(kTypes) ? nullptr : found;
}

std::string_view global_path(const PickleValues& values, PickleRef ref) {
  return values.is(ref, Kind::Global) ? std::string_view(values[ref].text) : std::string_view();
}

std::optional<std::uint64_t> number_of(const PickleValues& values, PickleRef ref) {
  const auto& value = values[ref];
  if (value.kind != Kind::Integer || !value.text.empty() || value.number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.number);
}

std::optional<std::vector<std::uint64_t>> numbers_of(const PickleValues& values, PickleRef ref) {
  // torch.Size((2, 3)) is an object of one argument.
  if (values.callable(ref) == "torch.Size") {
    const auto& arguments = values[values[ref].items[1]];
    if (arguments.items.size() != 1) return std::nullopt;
    ref = arguments.items[0];
  }
  if (!values.is(ref, Kind::Tuple) && !values.is(ref, Kind::List)) return std::nullopt;
  if (values[ref].items.size() > kDimensionLimit) return std::nullopt;
  std::vector<std::uint64_t> numbers;
  for (const auto item : values[ref].items) {
    const auto number = number_of(values, item);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

/// Whether the elements follow each other without gaps, the last dimension fastest.
bool is_contiguous(const std::vector<std::uint64_t>& shape,
                   const std::vector<std::uint64_t>& strides) {
  if (shape.size() != strides.size()) return false;
  std::uint64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

/// How many elements of the storage, from its offset on, a tensor reaches over.
std::optional<std::uint64_t> reach(const std::vector<std::uint64_t>& shape,
                                   const std::vector<std::uint64_t>& strides) {
  if (shape.size() != strides.size()) return std::nullopt;
  std::optional<std::uint64_t> last = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return 0;
    const auto step = checked_multiply(shape[i] - 1, strides[i]);
    last = step ? checked_add(*last, *step) : std::nullopt;
    if (!last) return std::nullopt;
  }
  return checked_add(*last, 1);
}

/// The arguments of a call of one of the functions that make a tensor of a storage.
struct TensorCall {
  PickleRef storage = 0;
  std::uint64_t offset = 0;
  std::vector<std::uint64_t> shape = {};
  std::vector<std::uint64_t> strides = {};
  const ElementType* type = nullptr;  ///< When the call says it; else the storage does.
};

class Collector {
 public:
  Collector(const PickleValues& values, const FindTorchStorage& find_storage, Inventory& inventory)
      : values_(values), find_storage_(find_storage), inventory_(inventory) {}

  Result<> visit(PickleRef ref, const std::string& name, int depth) {
    if (++visits_ > kVisitLimit) return refuse("more values than can be looked at");
    if (name.size() > kNameLimitBytes) return refuse("a tensor's name of more than 4096 bytes");
    if (depth > kDepthLimit) {
      inventory_.warn("torch.depth", "values more than 32 levels deep are left out");
      return Done{};
    }
    if (const auto tensor = tensor_of(ref, 0)) return add(*tensor, name);
    const auto& value = values_[ref];
    if (value.kind == Kind::Dict) return visit_pairs(value.items, 0, name, depth);
    if (value.kind == Kind::Object) return visit_pairs(value.items, 2, name, depth);
    if (value.kind != Kind::List && value.kind != Kind::Tuple) return Done{};
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const auto visited = visit(value.items[i], join(name, std::to_string(i)), depth + 1);
      if (!visited) return visited.error();
    }
    return Done{};
  }

 private:
  static Error refuse(std::string reason) {
    return Error{ErrorCode::InvalidInput, "PyTorch: " + std::move(reason)};
  }

  static std::string join(const std::string& name, std::string_view key) {
    return name.empty() ? std::string(key) : name + "." + std::string(key);
  }

  Result<> visit_pairs(const std::vector<PickleRef>& items, std::size_t begin,
                       const std::string& name, int depth) {
    for (std::size_t i = begin; i + 1 < items.size(); i += 2) {
      const auto number = number_of(values_, items[i]);
      const auto key = number ? std::to_string(*number) : std::string(values_.text(items[i]));
      const auto visited = visit(items[i + 1], join(name, key), depth + 1);
      if (!visited) return visited.error();
    }
    return Done{};
  }

  /// Follows parameters and wrappers down to the call that makes the tensor.
  std::optional<TensorCall> tensor_of(PickleRef ref, int depth) const {
    const auto callable = values_.callable(ref);
    if (callable.empty() || depth > 4) return std::nullopt;
    const auto& arguments = values_[values_[ref].items[1]];
    if (arguments.kind != Kind::Tuple || arguments.items.empty()) return std::nullopt;
    const auto& items = arguments.items;
    if (callable == "torch._utils._rebuild_parameter" ||
        callable == "torch._utils._rebuild_parameter_with_state" ||
        callable == "torch.nn.parameter.Parameter")
      return tensor_of(items[0], depth + 1);
    const bool is_wrapped = callable == "torch._tensor._rebuild_from_type_v2" && items.size() >= 3;
    const auto function = is_wrapped ? global_path(values_, items[0]) : callable;
    if (!function.starts_with("torch._utils._rebuild_tensor") &&
        function != "torch._utils._rebuild_qtensor")
      return std::nullopt;
    return read_call(is_wrapped ? values_[items[2]].items : items, function.ends_with("_v3"));
  }

  std::optional<TensorCall> read_call(const std::vector<PickleRef>& items, bool says_type) const {
    if (items.size() < 4 || !values_.is(items[0], Kind::Persistent)) return std::nullopt;
    const auto offset = number_of(values_, items[1]);
    auto shape = numbers_of(values_, items[2]);
    auto strides = numbers_of(values_, items[3]);
    if (!offset || !shape || !strides) return std::nullopt;
    TensorCall call{items[0], *offset, *std::move(shape), *std::move(strides)};
    if (says_type && items.size() > 6) call.type = find_type(global_path(values_, items[6]));
    return call;
  }

  Result<> add(const TensorCall& call, const std::string& name) {
    const auto storage = torch_storage_of(values_, call.storage);
    if (!storage) return refuse("tensor " + quoted(name) + ": its storage is not known");
    if (inventory_.tensors.size() == kTensorLimit) return refuse("more than 1,000,000 tensors");
    name_bytes_ += name.size();
    if (name_bytes_ > kAllNamesLimitBytes) return refuse("names of more than 256 MiB in all");
    const auto bytes = call.type ? call.type->bytes : storage->element_bytes;
    Tensor tensor{metadata_text(name), call.type ? std::string(call.type->dtype) : storage->dtype,
                  call.shape};
    if (bytes > 0) {
      const auto range = find_range(call, *storage, bytes, name);
      if (!range) return range.error();
      if (is_contiguous(call.shape, call.strides)) tensor.bytes = *range;
    }
    inventory_.tensors.push_back(std::move(tensor));
    return Done{};
  }

  /// What the tensor reaches over, from its first to its last element.
  Result<ByteRange> find_range(const TensorCall& call, const TorchStorage& storage,
                               std::uint64_t element_bytes, const std::string& name) {
    const auto place = find_storage_(storage);
    if (!place) return refuse("tensor " + quoted(name) + ": " + place.error().message);
    const auto reached = reach(call.shape, call.strides);
    const auto begin = checked_multiply(call.offset, element_bytes);
    const auto size = reached ? checked_multiply(*reached, element_bytes) : std::nullopt;
    const auto end = begin && size ? checked_add(*begin, *size) : std::nullopt;
    if (!element_count(call.shape) || !end || *end > place->size())
      return refuse("tensor " + quoted(name) + " reaches beyond its storage");
    return ByteRange{place->begin + *begin, place->begin + *end};
  }

  const PickleValues& values_;
  const FindTorchStorage& find_storage_;
  Inventory& inventory_;
  std::size_t visits_ = 0;
  std::size_t name_bytes_ = 0;
};

}  // namespace

std::optional<TorchStorage> torch_storage_of(const PickleValues& values, PickleRef persistent) {
  if (!values.is(persistent, Kind::Persistent)) return std::nullopt;
  const auto& id = values[values[persistent].items[0]];
  if (id.kind != Kind::Tuple || id.items.size() < 5) return std::nullopt;
  const auto elements = number_of(values, id.items[4]);
  const auto key = values.text(id.items[2]);
  if (values.text(id.items[0]) != "storage" || key.empty() || !elements) return std::nullopt;
  const auto path = global_path(values, id.items[1]);
  const auto* type = find_type(path);
  return TorchStorage{std::string(key), type ? std::string(type->dtype) : metadata_text(path),
                      type ? type->bytes : 0, *elements};
}

Result<> collect_torch_tensors(const PickleValues& values, PickleRef top,
                               const FindTorchStorage& find_storage, Inventory& inventory) {
  return Collector(values, find_storage, inventory).visit(top, "", 0);
}

}  // namespace owrd::weights
