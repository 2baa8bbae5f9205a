#pragma once

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// Recognises what GGUF replaced, by its magic and version: "ggml", "ggmf 1", "ggjt 1" to "ggjt 3",
/// "ggla 1". What follows depends on the program that wrote it (llama.cpp, whisper.cpp, rwkv.cpp
/// all use the same magic), so there are no tensors and a warning says so.
Result<Inventory> read_legacy_ggml(ByteSource& source);

}  // namespace owrd::weights
