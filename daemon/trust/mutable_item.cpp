#include "daemon/trust/mutable_item.h"

#include <cassert>
#include <optional>
#include <utility>

#include "daemon/core/bencode.h"
#include "daemon/core/text.h"
#include "daemon/trust/root_chain.h"

namespace owrd::trust {
namespace {

/// Infohashes of v2 torrents are cut to the length of SHA-1 in the DHT (BEP 52).
constexpr std::size_t kShortInfohashBytes = 20;
constexpr auto kAskOthers = "the DHT is one source of several: owrd publisher refresh asks all";

Error malformed(const std::string& cause) {
  return {ErrorCode::Corrupt, "DHT item: " + cause, kAskOthers};
}

std::optional<std::string> find_excess(std::string_view salt, ByteView value) {
  if (value.size() > kItemLimitBytes) return "the value is longer than 1000 bytes";
  if (salt.size() > kSaltLimitBytes) return "the salt is longer than 64 bytes";
  return std::nullopt;
}

std::string short_infohash(const Digest& infohash) {
  return std::string(as_text(infohash.bytes().first(kShortInfohashBytes)));
}

Result<Bencode> open_value(const MutableItem& item, std::string_view salt) {
  if (const auto verified = verify_mutable_item(item); !verified) return verified.error();
  if (item.salt != salt)
    return malformed("expected the salt " + quoted(salt) + ", got " + quoted(item.salt));
  auto value = Bencode::parse(as_text(item.value));
  if (!value) return malformed(value.error().message);
  return value;
}

std::optional<Digest> find_digest(const Bencode& value, std::string_view key) {
  const auto* text = value.find_text(key);
  if (text == nullptr) return std::nullopt;
  const auto digest = Digest::from_bytes(as_bytes(*text));
  return digest ? std::optional(*digest) : std::nullopt;
}

/// Nothing but what its reader understands is in a value.
Result<> check_whole(const MutableItem& item, const Bytes& again) {
  if (item.value == again) return Done{};
  return malformed("the value holds more than it should");
}

}  // namespace

Bytes mutable_item_buffer(std::string_view salt, std::int64_t sequence, ByteView value) {
  std::string buffer;
  if (!salt.empty()) buffer = "4:salt" + Bencode(std::string(salt)).encode();
  buffer += "3:seq" + Bencode(sequence).encode() + "1:v";
  buffer += as_text(value);
  return to_bytes(buffer);
}

Result<MutableItem> sign_mutable_item(const SecretKey& key, std::string_view salt,
                                      std::int64_t sequence, ByteView value) {
  if (const auto excess = find_excess(salt, value))
    return Error{ErrorCode::InvalidInput, "DHT item: " + *excess, "put less into it"};
  return MutableItem{key.public_key(), std::string(salt), sequence, to_bytes(value),
                     key.sign(mutable_item_buffer(salt, sequence, value))};
}

Result<> verify_mutable_item(const MutableItem& item) {
  if (const auto excess = find_excess(item.salt, item.value)) return malformed(*excess);
  if (verify(mutable_item_buffer(item.salt, item.sequence, item.value), item.signature, item.key))
    return Done{};
  return Error{ErrorCode::BadSignature,
               "DHT item: the signature by the key " + fingerprint(item.key.id()) + " is not valid",
               kAskOthers};
}

Bytes encode_head_item(const Head& head) {
  Bencode::Dictionary value;
  value.emplace("ih", short_infohash(head.infohash()));
  value.emplace("o", std::string(as_text(head.envelope().raw)));
  return to_bytes(Bencode(std::move(value)).encode());
}

Result<Head> read_head_item(const MutableItem& item) {
  const auto value = open_value(item, kHeadSalt);
  if (!value) return value.error();
  const auto* envelope = value->find_text("o");
  if (envelope == nullptr) return malformed("the value holds no head");
  auto head = Head::parse(as_bytes(*envelope));
  if (!head) return head;
  if (!std::in_range<std::uint64_t>(item.sequence) ||
      static_cast<std::uint64_t>(item.sequence) != head->sequence())
    return malformed("its sequence is " + std::to_string(item.sequence) + ", the head's " +
                     std::to_string(head->sequence()));
  const auto* infohash = value->find_text("ih");
  if (infohash == nullptr || *infohash != short_infohash(head->infohash()))
    return malformed("its infohash is not the head's");
  if (const auto whole = check_whole(item, encode_head_item(*head)); !whole) return whole.error();
  return head;
}

Bytes encode_anchor_item(const AnchorTarget& target) {
  Bencode::Dictionary value;
  value.emplace("h", target.roots.sha256.to_field());
  value.emplace("ih", short_infohash(target.infohash));
  value.emplace("l", static_cast<std::int64_t>(target.roots.length));
  value.emplace("n", static_cast<std::int64_t>(target.root_version));
  value.emplace("t", target.infohash.to_field());
  return to_bytes(Bencode(std::move(value)).encode());
}

Result<AnchorTarget> read_anchor_item(const MutableItem& item) {
  const auto value = open_value(item, kAnchorSalt);
  if (!value) return value.error();
  const auto sha256 = find_digest(*value, "h");
  const auto infohash = find_digest(*value, "t");
  if (!sha256 || !infohash) return malformed("the value holds no two digests of 32 bytes");
  const auto* length = value->find_number("l");
  if (length == nullptr || *length <= 0 ||
      *length > static_cast<std::int64_t>(kRootsFileLimitBytes))
    return malformed("the length is not from 1 byte to 16 MiB");
  const auto* version = value->find_number("n");
  if (version == nullptr || *version <= 0 || *version > static_cast<std::int64_t>(kMostRoots))
    return malformed("the root version is not from 1 to 256");
  if (item.sequence != *version)
    return malformed("its sequence is " + std::to_string(item.sequence) + ", the root version " +
                     std::to_string(*version));
  const AnchorTarget target{static_cast<std::uint64_t>(*version),
                            {static_cast<std::uint64_t>(*length), *sha256},
                            *infohash};
  if (const auto whole = check_whole(item, encode_anchor_item(target)); !whole)
    return whole.error();
  return target;
}

}  // namespace owrd::trust
