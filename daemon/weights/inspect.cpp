#include "daemon/weights/inspect.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/weights/gguf.h"
#include "daemon/weights/keras.h"
#include "daemon/weights/legacy_ggml.h"
#include "daemon/weights/npy.h"
#include "daemon/weights/onnx.h"
#include "daemon/weights/safetensors.h"
#include "daemon/weights/torch.h"

namespace owrd::weights {
namespace {

Result<Inventory> inventory_of(Result<TorchFile> file) {
  if (!file) return file.error();
  return std::move(file->inventory);
}

Result<Inventory> read_pickle(ByteSource& source) {
  if (is_torch_legacy(source)) return inventory_of(read_torch_legacy(source));
  Inventory inventory;
  inventory.format = Format::Pickle;
  return inventory;
}

Result<Inventory> read_numpy(ByteSource& source) {
  const auto head = source.read(0, std::min<std::uint64_t>(source.size(), 2));
  if (!head) return head.error();
  return as_text(*head) == "PK" ? read_npz(source) : read_npy(source);
}

Result<Inventory> read_model(ByteSource& source) {
  auto model = read_onnx(source);
  if (!model) return model.error();
  return std::move(model->inventory);
}

}  // namespace

Result<Format> recognise_source(std::string_view name, ByteSource& source) {
  const auto head = source.read(0, std::min<std::uint64_t>(source.size(), kHeadBytes));
  if (!head) return head.error();
  return recognise(name, *head, source.size());
}

Result<Inventory> inspect(std::string_view name, ByteSource& source) {
  const auto format = recognise_source(name, source);
  if (!format) return format.error();
  switch (*format) {
    case Format::Safetensors:
      return read_safetensors(source);
    case Format::Gguf:
      return read_gguf(source);
    case Format::TorchZip:
      return inventory_of(read_torch_zip(source));
    case Format::Pickle:
      return read_pickle(source);
    case Format::Numpy:
      return read_numpy(source);
    case Format::Onnx:
      return read_model(source);
    case Format::Hdf5:
      return read_hdf5(source);
    case Format::KerasZip:
      return read_keras_zip(source);
    case Format::LegacyGgml:
      return read_legacy_ggml(source);
    case Format::LfsPointer:
      return Error{ErrorCode::InvalidInput, quoted(name) + " is a Git LFS pointer, not the file"};
    case Format::NotWeights:
      break;
  }
  return Error{ErrorCode::InvalidInput, quoted(name) + " is no weight file"};
}

}  // namespace owrd::weights
