#include <map>
#include <string>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/pickle_machine.h"
#include "daemon/weights/torch.h"
#include "daemon/weights/torch_tensors.h"

namespace owrd::weights {
namespace {

using Kind = PickleValue::Kind;
using namespace std::string_view_literals;

/// PROTO 2, LONG1 of ten bytes: 0x1950a86a20f9469cfc6c (pytorch, torch/serialization.py:
/// MAGIC_NUMBER), and STOP.
constexpr auto kMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "PyTorch: " + std::move(reason)};
}

/// The keys in the order in which the storages follow, from the fifth pickle.
Result<std::vector<std::string>> keys_of(const PickleMachine& machine) {
  if (!machine.top()) return refuse("the list of storages is broken");
  const auto& list = machine.values()[*machine.top()];
  if (list.kind != Kind::List) return refuse("the list of storages is no list");
  std::vector<std::string> keys;
  for (const auto item : list.items) keys.emplace_back(machine.values().text(item));
  return keys;
}

/// What the object's pickle asks for, by key.
std::map<std::string, TorchStorage> storages_of(const PickleValues& values) {
  std::map<std::string, TorchStorage> storages;
  for (PickleRef ref = 0; ref < values.size(); ++ref)
    if (auto storage = torch_storage_of(values, ref)) storages.emplace(storage->key, *storage);
  return storages;
}

/// A storage is its number of elements, in 8 bytes, and the elements.
Result<std::map<std::string, ByteRange>> place_storages(
    ByteStream& in, const std::vector<std::string>& keys,
    const std::map<std::string, TorchStorage>& storages) {
  std::map<std::string, ByteRange> places;
  for (const auto& key : keys) {
    const auto storage = storages.find(key);
    if (storage == storages.end() || storage->second.element_bytes == 0)
      return refuse("storage " + quoted(key) + " has no known type");
    const auto elements = in.number(8);
    if (!elements) return refuse(elements.error().message);
    if (*elements != storage->second.elements)
      return refuse("storage " + quoted(key) + " has another length than the pickle says");
    const auto size = checked_multiply(*elements, storage->second.element_bytes);
    const auto begin = in.position();
    const auto skipped = size ? in.skip(*size) : Result<>(refuse("a storage is too long"));
    if (!skipped) return refuse(skipped.error().message);
    if (!places.emplace(key, ByteRange{begin, in.position()}).second)
      return refuse("storage " + quoted(key) + " is there twice");
  }
  if (in.remaining() > 0)
    return refuse(std::to_string(in.remaining()) + " bytes behind the last storage");
  return places;
}

/// Walks one of the short pickles that frame the object.
Result<> walk_short(ByteStream& in, PickleScan& scan) {
  PickleMachine machine(in);
  machine.run();
  scan.merge(machine.scan());
  return machine.top() ? Result<>(Done{}) : refuse("one of the five pickles is broken");
}

}  // namespace

bool is_torch_legacy(ByteSource& source) {
  if (source.size() < kMagic.size()) return false;
  const auto head = source.read(0, kMagic.size());
  return head && as_text(*head) == kMagic;
}

Result<TorchFile> read_torch_legacy(ByteSource& source) {
  TorchFile file;
  file.inventory.format = Format::Pickle;
  ByteStream in(source);
  for (int i = 0; i < 3; ++i) {  // Magic, protocol, system.
    const auto walked = walk_short(in, file.scan);
    if (!walked) return walked.error();
  }
  PickleMachine object(in);
  object.run();
  file.scan.merge(object.scan());
  if (!object.top()) return refuse("the pickle of the object is broken");
  PickleMachine list(in);
  list.run();
  file.scan.merge(list.scan());
  const auto keys = keys_of(list);
  if (!keys) return keys.error();
  const auto places = place_storages(in, *keys, storages_of(object.values()));
  if (!places) return places.error();
  const auto find = [&](const TorchStorage& storage) -> Result<ByteRange> {
    const auto place = places->find(storage.key);
    if (place == places->end()) return refuse("storage " + quoted(storage.key) + " is missing");
    return place->second;
  };
  const auto collected =
      collect_torch_tensors(object.values(), *object.top(), find, file.inventory);
  if (!collected) return collected.error();
  return file;
}

}  // namespace owrd::weights
