#pragma once

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"
#include "daemon/weights/pickle_scan.h"
#include "daemon/weights/zip.h"

namespace owrd::weights {

/// What a file of torch.save() holds, and what its pickles need.
struct TorchFile {
  Inventory inventory;
  PickleScan scan;
};

/// Reads what PyTorch since 1.6 writes (pytorch, docs/source/notes/serialization.rst): a ZIP of one
/// folder with data.pkl, and each storage stored, not deflated, under data/. Every member that is a
/// pickle by its name is walked. The archive is held to read_zip_directory().
Result<TorchFile> read_torch_zip(ByteSource& source);

/// What torch.save() wrote before 1.6: five pickles, the first of which is a magic number, and the
/// storages behind them.
bool is_torch_legacy(ByteSource& source);
/// Refuses what does not end with its last storage.
Result<TorchFile> read_torch_legacy(ByteSource& source);

}  // namespace owrd::weights
