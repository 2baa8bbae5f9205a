#include "daemon/weights/format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace owrd::weights {
namespace {

using namespace std::string_literals;

std::string safetensors_head(std::uint64_t header_bytes, const std::string& header = "{\"a\":{") {
  std::string head;
  for (int i = 0; i < 8; ++i) head += static_cast<char>(header_bytes >> (8 * i) & 0xFF);
  return head + header;
}

TEST(Format, IsToldFromNameAndFirstBytes) {
  struct Case {
    std::string name, head;
    std::uint64_t size;
    Format format;
  };
  const auto gguf = "GGUF\3\0\0\0"s + std::string(16, '\0');
  const auto big_endian_gguf = "GGUF\0\0\0\3"s + std::string(16, '\0');
  const Case cases[] = {
      {"model.safetensors", safetensors_head(100), 108, Format::Safetensors},
      {"sub/MODEL.SafeTensors", safetensors_head(100'000'000), 1ULL << 40, Format::Safetensors},
      {"empty.safetensors", safetensors_head(2, "{}"), 10, Format::Safetensors},
      {"a.gguf", gguf, 4096, Format::Gguf},
      {"sha256-0123", gguf, 24, Format::Gguf},
      {"a.gguf", big_endian_gguf, 4096, Format::Gguf},
      {"pytorch_model.bin", "PK\3\4\0\0", 4096, Format::TorchZip},
      {"a.pt", "PK\3\4", 4096, Format::TorchZip},
      {"a.pth", "PK\3\4", 4096, Format::TorchZip},
      {"a.ckpt", "PK\3\4", 4096, Format::TorchZip},
      {"a.jit", "PK\3\4", 4096, Format::TorchZip},
      {"a.pt", "\x80\x02\x8a\x0a", 4096, Format::Pickle},
      {"a.pkl", "\x80\x04\x95", 4096, Format::Pickle},
      {"a.pkl", "(dp0\n", 5, Format::Pickle},
      {"a.joblib", "\x80\x03", 4096, Format::Pickle},
      {"a.npy", "\x93NUMPY\x01\x00v\x00{"s, 4096, Format::Numpy},
      {"a.npz", "PK\3\4", 4096, Format::Numpy},
      {"a.onnx", "\x08\x07\x12\x07pytorch", 4096, Format::Onnx},
      {"a.h5", "\x89HDF\r\n\x1a\n", 4096, Format::Hdf5},
      {"a.keras", "PK\3\4", 4096, Format::KerasZip},
      {"ggml-model-q4_0.bin", "lmgg\0\0\0\0"s, 4096, Format::LegacyGgml},
      {"a.bin", "tjgg\1\0\0\0"s, 4096, Format::LegacyGgml},
      {"model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0123456789ab",
       134, Format::LfsPointer},
      {"tokenizer.model", "version https://git-lfs.github.com/spec/v1\n", 134, Format::LfsPointer},
  };
  for (const auto& [name, head, size, format] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(to_string(recognise(name, as_bytes(head), size)), to_string(format));
  }
}

TEST(Format, IsNotBelievedByItsNameAlone) {
  struct Case {
    std::string name, head;
    std::uint64_t size;
  };
  const Case cases[] = {
      {"model.safetensors", "", 0},
      {"model.safetensors", "<!DOCTYPE html><html>", 4000},
      {"model.safetensors", safetensors_head(101), 108},                 // longer than the file
      {"model.safetensors", safetensors_head(~0ULL), 108},               // overflows if added to
      {"model.safetensors", safetensors_head(100'000'001), 1ULL << 40},  // over the limit
      {"model.safetensors", safetensors_head(100, "[1]"), 4096},
      {"model.safetensors", safetensors_head(0), 4096},
      {"model.safetensors.index.json", "{\"metadata\": {}}", 4096},
      {"notes.txt", safetensors_head(100), 108},
      {"a.gguf", "GGUF", 4},
      {"a.gguf", "GGUF\0\0\0\0"s + std::string(16, '\0'), 4096},  // version 0
      {"a.gguf", "GGUF\3\0\0\0"s, 8},                             // no room for the counts
      {"a.gguf", "FUGG\3\0\0\0"s + std::string(16, '\0'), 4096},
      {"model.zip", "PK\3\4", 4096},
      {"data", "\x80\x02\x8a\x0a", 4096},
      {"a.pkl", "\x80\x7f", 4096},
      {"a.npy", "\x93NUMPY\x09\x00v\x00{"s, 4096},
      {"README.md", "version https://git-lfs.github.com/spec/v1\n",
       1024},  // too long for a pointer
      {"dir.safetensors/README", safetensors_head(100), 108},
  };
  for (const auto& [name, head, size] : cases) {
    SCOPED_TRACE(name + " " + std::to_string(size));
    EXPECT_EQ(to_string(recognise(name, as_bytes(head), size)), "not weights");
  }
}

TEST(Format, KnowsTheNamesThatOnlyWeightsHave) {
  for (const auto* name : {"a.safetensors", "sub/A.GGUF", "a.pth", "a.onnx"})
    EXPECT_TRUE(is_weights_name(name)) << name;
  for (const auto* name : {"a.bin", "safetensors", "a.safetensors.index.json", "a.gguf/b", ""})
    EXPECT_FALSE(is_weights_name(name)) << name;
}

/// Whether the index's word for the kind of a file allows the format; none for kinds that say too
/// little.
std::optional<bool> agrees(const std::string& kind, Format format) {
  if (kind == "lfs-pointer") return format == Format::LfsPointer;
  if (kind == "hdf5") return format == Format::Hdf5;
  if (kind == "npy") return format == Format::Numpy;
  if (kind == "torch" || kind == "torchscript")
    return format == Format::TorchZip || format == Format::Pickle;
  if (kind == "safetensors") return format == Format::Safetensors;
  if (kind == "gguf") return format == Format::Gguf;
  if (kind == "ggml-legacy") return format == Format::LegacyGgml;
  if (kind == "onnx") return format == Format::Onnx;
  return std::nullopt;
}

/// Some are kept for being broken, or listed beside what they belong to.
bool says_otherwise(const std::string& path) {
  return path.find("broken") != path.npos || path.find("badmagic") != path.npos ||
         path.ends_with("astype_copy.pkl");
}

TEST(Format, AgreesWithAnIndexOfRealFiles) {
  const std::filesystem::path data = OWRD_SHARED_DATA_DIR;
  std::ifstream index(data / "INDEX.tsv");
  if (!index) GTEST_SKIP() << "no collection of real files at " << data;

  std::size_t compared = 0;
  for (std::string line; std::getline(index, line);) {
    std::istringstream fields(line);
    std::string split, path, kind;
    std::getline(fields, split, '\t');
    std::getline(fields, path, '\t');
    std::getline(fields, kind, '\t');
    std::ifstream file(data / path, std::ios::binary);
    if (!file || says_otherwise(path)) continue;
    std::string head(kHeadBytes, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    const auto format = recognise(path, as_bytes(head), std::filesystem::file_size(data / path));
    const auto verdict = agrees(kind, format);
    compared += verdict ? 1U : 0U;
    EXPECT_TRUE(verdict.value_or(true)) << path << " is " << kind << ", not " << to_string(format);
  }
  EXPECT_GT(compared, 0U);
}

}  // namespace
}  // namespace owrd::weights
