#pragma once

#include <string>
#include <string_view>

namespace owrd::weights {

/// How much a global that a pickle names is to be feared.
enum class GlobalKind {
  WeightsOnly,  ///< PyTorch's weights_only reader allows it.
  Unknown,
  Dangerous,  ///< Runs code, opens files or sockets, or leads to what does.
};

/// `path` is module and name, joined by a dot, as written: "torch._utils._rebuild_tensor_v2".
GlobalKind kind_of_global(std::string_view path);

/// Python 2's "__builtin__" as Python 3 reads it; all else as it is.
std::string modern_global(std::string_view path);

}  // namespace owrd::weights
