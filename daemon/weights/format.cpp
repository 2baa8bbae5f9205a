#include "daemon/weights/format.h"

#include <algorithm>
#include <array>
#include <string>

#include "daemon/weights/little_endian.h"
#include "daemon/weights/safetensors.h"

namespace owrd::weights {
namespace {

using namespace std::string_view_literals;

/// "Pointer files … MUST be less than 1024 bytes" (git-lfs, docs/spec.md); the prefix is that of
/// every version so far.
constexpr std::uint64_t kLfsPointerLimitBytes = 1024;
constexpr auto kLfsPointerPrefix = "version https://git-lfs.github.com/spec/"sv;

/// With the dot, in lower case; empty when there is none.
std::string extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == name.npos || name.find('/', dot) != name.npos) return {};
  std::string extension(name.substr(dot));
  for (auto& letter : extension)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return extension;
}

bool is_one_of(std::string_view extension, std::initializer_list<std::string_view> known) {
  return std::find(known.begin(), known.end(), extension) != known.end();
}

bool is_lfs_pointer(std::string_view head, std::uint64_t size_bytes) {
  return size_bytes < kLfsPointerLimitBytes && head.starts_with(kLfsPointerPrefix);
}

/// An u64 length N, then N bytes of JSON that begin with '{' (safetensors, README.md, "Format").
bool is_safetensors(std::string_view head, std::uint64_t size_bytes) {
  if (head.size() < 9 || size_bytes < 10) return false;
  const auto header_bytes = little_endian(as_bytes(head), 0, 8);
  return header_bytes >= 2 && header_bytes <= kSafetensorsHeaderLimitBytes &&
         header_bytes <= size_bytes - 8 && head[8] == '{';
}

/// Magic, u32 version, two counts (ggml, docs/gguf.md). Version 3 may be big-endian without saying
/// so: then the low half of the version, read the usual way, is 0. Version 1 had 32-bit counts.
bool is_gguf(std::string_view head, std::uint64_t size_bytes) {
  if (!head.starts_with("GGUF"sv) || head.size() < 8 || size_bytes < 16) return false;
  const auto version = little_endian(as_bytes(head), 4, 4);
  return ((version & 0xFFFF) == 0) != ((version >> 16) == 0);
}

/// The u32 magics of llama.cpp before GGUF, least byte first: ggml, ggmf, ggjt, ggla.
bool is_legacy_ggml(std::string_view head) {
  return head.size() >= 8 && (head.starts_with("lmgg"sv) || head.starts_with("fmgg"sv) ||
                              head.starts_with("tjgg"sv) || head.starts_with("algg"sv));
}

/// NumPy, "NEP 1 — A simple file format for NumPy arrays": the magic and a major version, 1 to 3 so
/// far.
bool is_npy(std::string_view head) {
  return head.size() >= 10 && head.starts_with("\x93NUMPY"sv) && head[6] >= 1 && head[6] <= 3;
}

/// PROTO and a version since protocol 2 (Python, Lib/pickletools.py).
bool is_pickle(std::string_view head) {
  return head.size() >= 2 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
}

/// Protocols 0 and 1 have no mark: what they open with in practice is a mark, a global, or an empty
/// or marked list, dictionary or tuple.
bool may_be_old_pickle(std::string_view head) {
  return head.size() >= 2 && "(c]})"sv.find(head[0]) != std::string_view::npos;
}

/// A ModelProto opens with field 1, ir_version, a small varint (onnx, onnx.proto); 7 to 10 is
/// today's.
bool is_onnx(std::string_view head) {
  return head.size() >= 3 && head[0] == '\x08' && head[1] >= 1;
}

/// What only its name tells from other files with the same first bytes.
Format recognise_by_name(std::string_view extension, std::string_view head,
                         std::uint64_t size_bytes) {
  const bool is_torch_name = is_one_of(extension, {".bin", ".pt", ".pth", ".ckpt", ".pt2", ".jit"});
  if (head.starts_with("PK\x03\x04"sv)) {
    if (is_torch_name) return Format::TorchZip;
    if (extension == ".npz") return Format::Numpy;
    if (extension == ".keras") return Format::KerasZip;
    return Format::NotWeights;
  }
  if (extension == ".safetensors" && is_safetensors(head, size_bytes)) return Format::Safetensors;
  const bool is_pickle_name = is_one_of(extension, {".pkl", ".pickle", ".joblib"});
  if ((is_torch_name || is_pickle_name) && is_pickle(head)) return Format::Pickle;
  if (is_pickle_name && may_be_old_pickle(head)) return Format::Pickle;
  if (extension == ".onnx" && is_onnx(head)) return Format::Onnx;
  return Format::NotWeights;
}

}  // namespace

Format recognise(std::string_view name, ByteView head_bytes, std::uint64_t size_bytes) {
  const auto head = as_text(head_bytes.first(std::min(head_bytes.size(), kHeadBytes)));
  if (is_lfs_pointer(head, size_bytes)) return Format::LfsPointer;
  if (is_gguf(head, size_bytes)) return Format::Gguf;
  if (is_legacy_ggml(head)) return Format::LegacyGgml;
  if (is_npy(head)) return Format::Numpy;
  if (head.starts_with("\x89HDF\r\n\x1a\n"sv)) return Format::Hdf5;
  return recognise_by_name(extension_of(name), head, size_bytes);
}

bool is_weights_name(std::string_view name) {
  return is_one_of(extension_of(name), {".safetensors", ".gguf", ".pth", ".ckpt", ".npz", ".onnx",
                                        ".h5", ".hdf5", ".keras"});
}

std::string_view to_string(Format format) {
  switch (format) {
    case Format::Safetensors:
      return "safetensors";
    case Format::Gguf:
      return "GGUF";
    case Format::TorchZip:
      return "PyTorch ZIP";
    case Format::Pickle:
      return "pickle";
    case Format::Numpy:
      return "NumPy";
    case Format::Onnx:
      return "ONNX";
    case Format::Hdf5:
      return "HDF5";
    case Format::KerasZip:
      return "Keras ZIP";
    case Format::LegacyGgml:
      return "GGML before GGUF";
    case Format::LfsPointer:
      return "Git LFS pointer";
    case Format::NotWeights:
      return "not weights";
  }
  return "not weights";
}

Format format_of(std::string_view name) {
  for (const auto format :
       {Format::Safetensors, Format::Gguf, Format::TorchZip, Format::Pickle, Format::Numpy,
        Format::Onnx, Format::Hdf5, Format::KerasZip, Format::LegacyGgml})
    if (to_string(format) == name) return format;
  return Format::NotWeights;
}

}  // namespace owrd::weights
