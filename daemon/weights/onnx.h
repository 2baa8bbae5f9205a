#pragma once

#include <set>
#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// A tensor whose numbers are in another file.
struct OnnxExternalData {
  std::string tensor;
  std::string location;  ///< As written; to be a path from the model's folder.
};

struct OnnxModel {
  Inventory inventory;  ///< Initializers, and the tensors in attributes of nodes.
  std::vector<OnnxExternalData> external;
  std::set<std::string, std::less<>>
      domains;  ///< Of the operators that are used; "" is ONNX's own.
};

/// Walks a ModelProto (onnx, onnx/onnx.proto) and reads no tensor's data. Refuses one without a
/// graph, raw data of another size than type and shape make, graphs nested deeper than 16, and
/// more than 10,000,000 fields.
Result<OnnxModel> read_onnx(ByteSource& source);

}  // namespace owrd::weights
