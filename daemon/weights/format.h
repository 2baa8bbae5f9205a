#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/core/bytes.h"

namespace owrd::weights {

enum class Format {
  Safetensors,
  Gguf,
  TorchZip,  ///< PyTorch since 1.6: a ZIP with a pickle inside.
  Pickle,    ///< Python's pickle, bare: PyTorch before 1.6, scikit-learn, joblib.
  Numpy,     ///< .npy, and .npz with such files inside.
  Onnx,
  Hdf5,
  KerasZip,    ///< .keras: a ZIP with HDF5 weights inside.
  LegacyGgml,  ///< What GGUF replaced: ggml, ggmf, ggjt and ggla.
  LfsPointer,  ///< The few lines that Git LFS leaves where a file was not fetched.
  NotWeights,
};

/// As many first bytes of a file as recognise() ever looks at.
constexpr std::size_t kHeadBytes = 64;

/// Tells from its name (or path) and first bytes what a file is; believes the bytes over the name,
/// and the name only where a format has no mark of its own. `head` holds the first bytes of the
/// file's `size_bytes`, kHeadBytes of them or all when it is shorter. A name alone never makes
/// weights.
Format recognise(std::string_view name, ByteView head, std::uint64_t size_bytes);

/// Whether the name can only be that of a weight file (".safetensors", ".gguf"): when recognise()
/// says otherwise, the file is broken. Names such as "pytorch_model.bin" say too little.
bool is_weights_name(std::string_view name);

/// "safetensors", "GGUF", "PyTorch ZIP".
std::string_view to_string(Format format);
/// The format of that name; NotWeights for another word.
Format format_of(std::string_view name);

}  // namespace owrd::weights
