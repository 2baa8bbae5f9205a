#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "daemon/core/result.h"
#include "daemon/weights/inventory.h"
#include "daemon/weights/pickle_values.h"

namespace owrd::weights {

/// A storage as a pickle asks for it: the numbers of one or more tensors, in one run of bytes.
struct TorchStorage {
  std::string key;
  std::string dtype;  ///< As safetensors says it; "U8" for untyped ones.
  std::uint64_t element_bytes = 0;
  std::uint64_t elements = 0;
};

/// Where a storage's bytes are; NotFound or InvalidInput when they are not there as the pickle
/// says.
using FindTorchStorage = std::function<Result<ByteRange>(const TorchStorage&)>;

/// Adds to the inventory every tensor that is reachable from `top` through dictionaries, lists and
/// tuples, its name being the keys on the way joined by dots. Tensors with gaps between their
/// elements, and those whose type is not known, are listed without bytes.
///
/// InvalidInput when a tensor reaches beyond its storage. At most 32 levels, kTensorLimit tensors
/// and 4,000,000 values looked at.
Result<> collect_torch_tensors(const PickleValues& values, PickleRef top,
                               const FindTorchStorage& find_storage, Inventory& inventory);

/// Reads ('storage', type, key, location, elements); nothing when the value is no such thing.
std::optional<TorchStorage> torch_storage_of(const PickleValues& values, PickleRef persistent);

}  // namespace owrd::weights
