#pragma once

#include <optional>
#include <string>

#include "daemon/weights/inventory.h"
#include "owrd/v1/release.pb.h"

/// What the metadata of a GGUF file says (ggml, docs/gguf.md).
namespace owrd::card {

/// None for what holds no language model, such as a projector.
std::optional<v1::Architecture> gguf_architecture(const weights::Inventory& inventory);

/// What people call its quantization, "Q4_K_M", by general.file_type (llama.cpp, include/llama.h:
/// llama_ftype); empty for files that are not quantized, and for types that are not known.
std::string gguf_quantization(const weights::Inventory& inventory);

}  // namespace owrd::card
