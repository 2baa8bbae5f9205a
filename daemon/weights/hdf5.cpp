#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/weights/keras.h"
#include "daemon/weights/little_endian.h"

namespace owrd::weights {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSuperblockBytes = 64;  ///< As much of it as is read.
constexpr std::uint64_t kSearchLimitBytes = 64 << 20;
constexpr std::size_t kStepBytes = 1 << 20;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "HDF5: " + std::move(reason)};
}

/// Where the superblock of a version has the size of addresses and, of that size, the end of file.
struct Places {
  std::size_t size_of_addresses;
  std::size_t base_address;
  std::size_t addresses_to_end;  ///< Those between the base and the end.
};

constexpr Places kPlaces[] = {{13, 24, 2}, {13, 28, 2}, {9, 12, 2}, {9, 12, 2}};

/// Whether the text that begins at `at` says "class_name": "Lambda", with or without spaces.
bool names_lambda(std::string_view text, std::size_t at) {
  text.remove_prefix(at + R"("class_name")"sv.size());
  const auto skip = [&](char c) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  };
  return skip(':') && skip('"') && text.starts_with("Lambda\"");
}

bool has_lambda(std::string_view text) {
  static constexpr auto kKey = R"("class_name")"sv;
  for (auto at = text.find(kKey); at != text.npos; at = text.find(kKey, at + 1))
    if (names_lambda(text, at)) return true;
  return false;
}

}  // namespace

Result<Inventory> read_hdf5(ByteSource& source) {
  const auto head = source.read(0, std::min<std::uint64_t>(source.size(), kSuperblockBytes));
  if (!head) return head.error();
  if (head->size() < kSuperblockBytes || !as_text(*head).starts_with("\x89HDF\r\n\x1a\n"sv))
    return refuse("no superblock");
  const auto version = little_endian(*head, 8, 1);
  if (version >= std::size(kPlaces)) return refuse("superblock version " + std::to_string(version));
  const auto& places = kPlaces[version];
  const auto address_bytes =
      static_cast<std::size_t>(little_endian(*head, places.size_of_addresses, 1));
  if (address_bytes != 4 && address_bytes != 8)
    return refuse("addresses of " + std::to_string(address_bytes) + " bytes");
  // Versions 0 and 1: base, free space, end of file; 2 and 3: base, extension, end of file.
  const auto end = little_endian(
      *head, places.base_address + places.addresses_to_end * address_bytes, address_bytes);
  if (end > source.size()) return refuse("the file ends before the end that it gives");

  Inventory inventory;
  inventory.format = Format::Hdf5;
  inventory.version = std::to_string(version);
  if (end < source.size())
    inventory.warn("hdf5.left-over", std::to_string(source.size() - end) +
                                         " bytes behind the end that the file gives");
  return inventory;
}

Result<bool> has_keras_lambda(ByteSource& source) {
  const auto limit = std::min(source.size(), kSearchLimitBytes);
  std::string text;  // What the step before ended with may be the beginning of a match.
  for (std::uint64_t at = 0; at < limit; at += kStepBytes) {
    const auto bytes = source.read(at, std::min<std::uint64_t>(limit - at, kStepBytes));
    if (!bytes) return bytes.error();
    text.erase(0, text.size() - std::min<std::size_t>(text.size(), 256));
    text += as_text(*bytes);
    if (has_lambda(text)) return true;
  }
  return false;
}

}  // namespace owrd::weights
