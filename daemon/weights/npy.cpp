#include "daemon/weights/npy.h"

#include <algorithm>
#include <utility>

namespace owrd::weights {
namespace {

Tensor tensor_of(std::string name, const NpyHeader& header, std::optional<ByteRange> bytes) {
  const bool is_plain = !header.holds_objects && !header.is_fortran_order;
  return {std::move(name), metadata_text(header.descr), header.shape, 0,
          is_plain ? bytes : std::nullopt};
}

void warn_of_objects(const NpyHeader& header, const std::string& name, Inventory& inventory) {
  if (header.holds_objects)
    inventory.warn("numpy.objects", "array \"" + metadata_text(name) + "\" is a pickle of objects");
}

}  // namespace

Result<Inventory> read_npy(ByteSource& source) {
  const auto head = source.read(0, std::min(source.size(), kNpyHeadBytes));
  if (!head) return head.error();
  const auto header = read_npy_header(*head, source.size());
  if (!header) return header.error();
  Inventory inventory;
  inventory.format = Format::Numpy;
  inventory.tensors.push_back(
      tensor_of("array", *header, ByteRange{header->data_begin, source.size()}));
  warn_of_objects(*header, "array", inventory);
  return inventory;
}

Result<NpyHeader> read_npy_member(ByteSource& archive, const ZipEntry& entry) {
  const auto head = read_zip_entry_head(archive, entry, kNpyHeadBytes);
  if (!head) return head.error();
  return read_npy_header(*head, entry.size_bytes);
}

Result<Inventory> read_npz(ByteSource& source) {
  const auto directory = read_zip_directory(source);
  if (!directory) return directory.error();
  Inventory inventory;
  inventory.format = Format::Numpy;
  for (const auto& entry : directory->entries) {
    if (!entry.name.ends_with(".npy")) {
      inventory.warn("numpy.member", "member \"" + entry.name + "\" is no array");
      continue;
    }
    const auto header = read_npy_member(source, entry);
    if (!header)
      return Error{header.error().code, header.error().message + ", in \"" + entry.name + "\""};
    const auto name = entry.name.substr(0, entry.name.size() - 4);
    const ByteRange bytes{entry.data.begin + header->data_begin, entry.data.end};
    inventory.tensors.push_back(
        tensor_of(name, *header, entry.is_deflated ? std::nullopt : std::optional(bytes)));
    warn_of_objects(*header, name, inventory);
  }
  return inventory;
}

}  // namespace owrd::weights
