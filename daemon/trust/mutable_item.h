#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/head.h"
#include "daemon/trust/key.h"

namespace owrd::trust {

/// The most bytes of a value and of a salt in the DHT (BEP 44).
constexpr std::size_t kItemLimitBytes = 1000;
constexpr std::size_t kSaltLimitBytes = 64;

constexpr std::string_view kHeadSalt = "owrd/head/1";
constexpr std::string_view kAnchorSalt = "owrd/root/1";

/// A mutable item of the DHT (BEP 44).
struct MutableItem {
  PublicKey key;
  std::string salt;
  std::int64_t sequence;
  Bytes value;      ///< Bencoded.
  Bytes signature;  ///< 64 bytes.
};

/// What is signed: "4:salt<n>:<salt>3:seqi<n>e1:v<value>", for an empty salt without what comes
/// before "3:seq".
Bytes mutable_item_buffer(std::string_view salt, std::int64_t sequence, ByteView value);
/// InvalidInput when value or salt are too long.
Result<MutableItem> sign_mutable_item(const SecretKey& key, std::string_view salt,
                                      std::int64_t sequence, ByteView value);
/// By libsodium, whatever libtorrent thought of it; refuses values and salts that are too long.
Result<> verify_mutable_item(const MutableItem& item);

/// The value under a locator key: {"ih": the infohash's first 20 bytes, "o": the head's envelope}.
/// "ih" alone is a value of BEP 46.
Bytes encode_head_item(const Head& head);
/// Verifies the item, and that it says three times the same: its sequence, "ih" and the head.
Result<Head> read_head_item(const MutableItem& item);

/// What an anchor points to: the file of a publisher's roots, and that file's torrent.
struct AnchorTarget {
  std::uint64_t root_version;
  FeedFile roots;
  Digest infohash;  ///< Of the torrent.
};
/// The most bytes of that file.
constexpr std::uint64_t kRootsFileLimitBytes = 16 * 1024 * 1024;
/// The value under an anchor key: {"h": the file's SHA-256, "ih": the infohash's first 20 bytes,
/// for BEP 46, "l": the file's length, "n": the version, "t": the infohash}. The file is not empty.
Bytes encode_anchor_item(const AnchorTarget& target);
/// Verifies the item, and that its sequence is the version. An anchor locates and proves nothing:
/// the roots in the file must.
Result<AnchorTarget> read_anchor_item(const MutableItem& item);

}  // namespace owrd::trust
