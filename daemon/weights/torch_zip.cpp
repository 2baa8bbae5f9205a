#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/pickle_machine.h"
#include "daemon/weights/torch.h"
#include "daemon/weights/torch_tensors.h"

namespace owrd::weights {
namespace {

/// Of pickles, which are inflated into memory when they are deflated.
constexpr std::uint64_t kPickleLimitBytes = 256 << 20;
constexpr std::string_view kPickleName = "/data.pkl";

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "PyTorch: " + std::move(reason)};
}

/// The folder of the one data.pkl, with its '/'.
Result<std::string> find_folder(const ZipDirectory& directory) {
  std::optional<std::string> folder;
  for (const auto& entry : directory.entries) {
    if (!entry.name.ends_with(kPickleName)) continue;
    auto found = entry.name.substr(0, entry.name.size() - kPickleName.size() + 1);
    if (found.find('/') != found.size() - 1) continue;
    if (folder) return refuse("two members are data.pkl");
    folder = std::move(found);
  }
  if (!folder) return refuse("no data.pkl in the archive");
  return *std::move(folder);
}

/// Finds a storage's member and remembers which were asked for.
class StorageMembers {
 public:
  StorageMembers(const ZipDirectory& directory, std::string folder)
      : directory_(directory), folder_(std::move(folder)) {
    for (const auto& entry : directory.entries) by_name_.emplace(entry.name, &entry);
  }

  Result<ByteRange> find(const TorchStorage& storage) {
    const auto name = folder_ + "data/" + storage.key;
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return refuse("member " + quoted(name) + " is missing");
    const auto& entry = *found->second;
    if (entry.is_deflated) return refuse("member " + quoted(name) + " is deflated");
    const auto size = checked_multiply(storage.elements, storage.element_bytes);
    if (!size || *size > entry.data.size())
      return refuse("member " + quoted(name) + " is shorter than its storage");
    asked_.insert(name);
    return entry.data;
  }

  void warn_of_others(Inventory& inventory) const {
    const auto prefix = folder_ + "data/";
    for (const auto& entry : directory_.entries)
      if (entry.name.starts_with(prefix) && !asked_.contains(entry.name))
        inventory.warn("torch.unused", "no tensor is in member " + quoted(entry.name));
  }

 private:
  const ZipDirectory& directory_;
  std::string folder_;
  std::map<std::string, const ZipEntry*, std::less<>> by_name_;
  std::set<std::string, std::less<>> asked_;
};

bool is_pickle_name(std::string_view name) {
  return name.ends_with(".pkl") || name.ends_with(".pickle") || name.ends_with(".joblib");
}

Result<> scan_other_pickles(ByteSource& source, const ZipDirectory& directory,
                            std::string_view main, PickleScan& scan) {
  for (const auto& entry : directory.entries) {
    const auto name = ascii_lower(entry.name);
    if (!is_pickle_name(name) || entry.name == main) continue;
    const auto member = open_zip_entry(source, entry, kPickleLimitBytes);
    if (!member) return member.error();
    scan.merge(scan_pickles(**member));
  }
  return Done{};
}

void warn_of_byte_order(ByteSource& source, const ZipDirectory& directory,
                        const std::string& folder, Inventory& inventory) {
  const auto* entry = directory.find(folder + "byteorder");
  if (entry == nullptr || entry->size_bytes > 16) return;
  const auto member = open_zip_entry(source, *entry, 16);
  const auto order = member ? (*member)->read(0, (*member)->size()) : member.error();
  if (!order || as_text(*order) != "little")
    inventory.warn("torch.byte-order", "the numbers are not little-endian");
}

}  // namespace

Result<TorchFile> read_torch_zip(ByteSource& source) {
  const auto directory = read_zip_directory(source);
  if (!directory) return directory.error();
  const auto folder = find_folder(*directory);
  if (!folder) return folder.error();
  const auto* entry = directory->find(*folder + "data.pkl");
  const auto pickle = open_zip_entry(source, *entry, kPickleLimitBytes);
  if (!pickle) return pickle.error();

  ByteStream in(**pickle);
  PickleMachine machine(in);
  machine.run();
  TorchFile file;
  file.inventory.format = Format::TorchZip;
  file.scan = machine.scan();
  if (in.remaining() > 0)
    file.scan.find(PickleVerdict::Suspicious, "bytes behind the pickle in data.pkl");
  StorageMembers members(*directory, *folder);
  if (machine.top()) {
    const auto collected = collect_torch_tensors(
        machine.values(), *machine.top(),
        [&](const TorchStorage& storage) { return members.find(storage); }, file.inventory);
    if (!collected) return collected.error();
  }
  members.warn_of_others(file.inventory);
  warn_of_byte_order(source, *directory, *folder, file.inventory);
  const auto scanned = scan_other_pickles(source, *directory, entry->name, file.scan);
  if (!scanned) return scanned.error();
  return file;
}

}  // namespace owrd::weights
