#pragma once

#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// Reads the superblock of an HDF5 file (The HDF Group, "HDF5 File Format Specification" 3.0,
/// section II.A), version 0 to 3, at its beginning. Refuses one whose end of file lies behind the
/// file's; warns of bytes behind it. Groups and datasets are not read: there are no tensors.
Result<Inventory> read_hdf5(ByteSource& source);

/// Reads the directory of a .keras archive: a ZIP with config.json, metadata.json and weights in
/// HDF5. There are no tensors.
Result<Inventory> read_keras_zip(ByteSource& source);

/// What in a Keras model runs code when it is loaded, one sentence each: Lambda layers, and classes
/// of modules that are not Keras's. `config` is the JSON of a config.json or of the attribute
/// model_config.
Result<std::vector<std::string>> find_keras_code(std::string_view config);

/// Whether the first 64 MiB of an HDF5 file, where Keras writes its attribute model_config, name a
/// Lambda layer.
Result<bool> has_keras_lambda(ByteSource& source);

}  // namespace owrd::weights
