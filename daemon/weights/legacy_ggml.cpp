#include "daemon/weights/legacy_ggml.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/weights/little_endian.h"

namespace owrd::weights {
namespace {

struct Magic {
  std::uint64_t magic;
  std::string_view name;
  std::uint64_t last_version;  ///< 0 when the format has no versions.
};

/// llama.cpp before GGUF, llama.h and llama.cpp.
constexpr Magic kMagics[] = {
    {0x67676D6C, "ggml", 0},
    {0x67676D66, "ggmf", 1},
    {0x67676A74, "ggjt", 3},
    {0x67676C61, "ggla", 1},
};

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "GGML: " + std::move(reason)};
}

}  // namespace

Result<Inventory> read_legacy_ggml(ByteSource& source) {
  if (source.size() < 8) return refuse("the file is shorter than its header");
  const auto head = source.read(0, 8);
  if (!head) return head.error();
  const auto word = little_endian(*head, 0, 4);
  const auto* const found = std::find_if(std::begin(kMagics), std::end(kMagics),
                                         [&](const Magic& magic) { return magic.magic == word; });
  if (found == std::end(kMagics)) return refuse("no magic of a known format");

  Inventory inventory;
  inventory.format = Format::LegacyGgml;
  inventory.version = found->name;
  const auto version = little_endian(*head, 4, 4);
  // rwkv.cpp writes a "ggmf" of its own, with versions from 100 on.
  if (found->last_version > 0) inventory.version += " " + std::to_string(version);
  inventory.warn("ggml.tensors", "the tensors of formats before GGUF are not listed");
  return inventory;
}

}  // namespace owrd::weights
