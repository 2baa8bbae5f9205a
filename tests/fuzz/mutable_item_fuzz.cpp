// The input is a value of the DHT, which whoever holds the locator or anchor key signs: what is
// read from it is written again as the very same value, and bencode has one spelling.
#include <cstdint>
#include <cstdlib>

#include "daemon/core/bencode.h"
#include "daemon/trust/mutable_item.h"
#include "tests/trust/make.h"

namespace {

using namespace owrd;
using namespace owrd::trust;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The sequence that the value itself names, or else one that none does.
std::int64_t sequence_in(const Bencode& value) {
  if (const auto* version = value.find_number("n")) return *version;
  const auto* envelope = value.find_text("o");
  if (envelope == nullptr) return -1;
  const auto head = Head::parse(as_bytes(*envelope));
  return head ? static_cast<std::int64_t>(head->sequence()) : -1;
}

void check_head(const MutableItem& item) {
  const auto head = read_head_item(item);
  if (!head) return;
  require(encode_head_item(*head) == item.value);
  require(static_cast<std::int64_t>(head->sequence()) == item.sequence);
  auto other = item;
  ++other.sequence;
  require(!read_head_item(other));
}

void check_anchor(const MutableItem& item) {
  const auto target = read_anchor_item(item);
  if (!target) return;
  require(encode_anchor_item(*target) == item.value);
  require(target->root_version >= 1 && target->root_version <= 256);
  require(target->roots.length >= 1 && target->roots.length <= kRootsFileLimitBytes);
  auto other = item;
  other.signature[0] ^= std::byte{1};
  require(!read_anchor_item(other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kKey = make_key(1);
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto value = Bencode::parse(as_text(bytes));
  if (value) require(value->encode() == as_text(bytes));
  const auto sequence = value ? sequence_in(*value) : -1;
  const auto as_head = sign_mutable_item(kKey, kHeadSalt, sequence, bytes);
  require(bool(as_head) == (size <= kItemLimitBytes));
  if (!as_head) return 0;
  check_head(*as_head);
  check_anchor(*sign_mutable_item(kKey, kAnchorSalt, sequence, bytes));
  return 0;
}
