#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "daemon/weights/format.h"

// The first byte is the length of the name, the eight after it are the file's size, and what
// follows the name is the beginning of the file. The verdict depends on nothing else, least of all
// on bytes beyond kHeadBytes, and each format that has a mark is found only where the mark is.
namespace {

using owrd::ByteView;
using owrd::weights::Format;

void demand(bool holds) {
  if (!holds) std::abort();
}

/// In a buffer of exactly this size, so that a read beyond it is seen.
Format recognise_exact(std::string_view name, ByteView head, std::uint64_t size_bytes) {
  const auto copy = std::make_unique<std::byte[]>(head.size());
  std::copy(head.begin(), head.end(), copy.get());
  return owrd::weights::recognise(name, ByteView(copy.get(), head.size()), size_bytes);
}

void check_mark(Format format, std::string_view head, std::uint64_t size_bytes) {
  if (format == Format::LfsPointer)
    demand(size_bytes < 1024 && head.starts_with("version https://git-lfs.github.com/spec/"));
  if (format == Format::Gguf) demand(size_bytes >= 16 && head.starts_with("GGUF"));
  if (format == Format::TorchZip || format == Format::KerasZip)
    demand(head.starts_with("PK\x03\x04"));
  if (format == Format::Safetensors) demand(size_bytes >= 10 && head.size() > 8 && head[8] == '{');
  if (head.empty()) demand(format == Format::NotWeights);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.size() < 9) return 0;
  const auto name_bytes = static_cast<unsigned char>(input[0]);
  std::uint64_t size_bytes = 0;
  for (std::size_t i = 8; i > 0; --i) size_bytes = size_bytes << 8 | data[i];
  input.remove_prefix(9);
  const auto name = input.substr(0, name_bytes);
  const auto head = input.substr(name.size());

  const auto format = recognise_exact(name, owrd::as_bytes(head), size_bytes);
  check_mark(format, head, size_bytes);
  const auto seen = head.substr(0, owrd::weights::kHeadBytes);
  demand(format == recognise_exact(name, owrd::as_bytes(seen), size_bytes));
  demand(format == recognise_exact("sub/" + std::string(name), owrd::as_bytes(head), size_bytes));
  return 0;
}
