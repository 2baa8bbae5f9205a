#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd::trust {

/// An Ed25519 public key (RFC 8032).
class PublicKey {
 public:
  static constexpr std::size_t kBytes = 32;
  static Result<PublicKey> from_bytes(ByteView bytes);

  ByteView bytes() const { return bytes_; }
  /// SHA-256("owrd-key-v1\n" || 0x01 || key).
  Digest id() const;

  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;

 private:
  explicit PublicKey(const std::array<std::byte, kBytes>& bytes) : bytes_(bytes) {}
  std::array<std::byte, kBytes> bytes_;
};

/// False for 32 bytes that are no key anyone could have made: not a point in canonical form, or one
/// of small order.
bool is_possible(const PublicKey& key);

/// "3F7A 91C2 0B44 88E1": the first 8 bytes of a key id or publisher id, for people to compare at a
/// glance.
std::string fingerprint(const Digest& id);

/// What guessing a passphrase costs. The default is libsodium's "moderate": about a second and 256
/// MiB.
struct PassphraseCost {
  std::uint64_t operations = 3;
  std::uint64_t memory_bytes = 256 * 1024 * 1024;
};

/// An Ed25519 secret key, in memory that is locked and wiped.
class SecretKey {
 public:
  /// Fails when the memory cannot be had.
  static Result<SecretKey> generate();
  /// From the 32-byte seed of RFC 8032 section 5.1.5.
  static Result<SecretKey> from_seed(ByteView seed);

  const PublicKey& public_key() const { return public_key_; }
  /// 64 bytes, deterministic.
  Bytes sign(ByteView message) const;

  /// The text of a key file: name, public key, and the seed, under `passphrase` unless that is
  /// empty (argon2id, XSalsa20-Poly1305: crypto_pwhash and crypto_secretbox of libsodium). `name`
  /// is a name as is_valid_name() has it.
  Result<std::string> to_key_file(std::string_view name, std::string_view passphrase,
                                  const PassphraseCost& cost = {}) const;

 private:
  struct Locked;
  SecretKey(std::shared_ptr<const Locked> secret, PublicKey public_key);
  std::shared_ptr<const Locked> secret_;
  PublicKey public_key_;
};

/// What a key file says without its passphrase.
struct KeyFile {
  std::string name;
  PublicKey public_key;
  bool is_encrypted;
  std::string text;  ///< All of the file.
};
/// Strict: five lines in their order, the costs at most 10 operations and 1 GiB, nothing else.
Result<KeyFile> parse_key_file(std::string_view text);
/// Denied when the passphrase is wrong or missing, Corrupt when the seed does not make the public
/// key.
Result<SecretKey> open_key_file(const KeyFile& file, std::string_view passphrase);

/// True when `signature` (64 bytes) is `key`'s over exactly `message`; refuses malleated signatures
/// and keys of small order, as crypto_sign_verify_detached() does.
bool verify(ByteView message, ByteView signature, const PublicKey& key);

/// Must be called once before anything else in this room; fails when libsodium cannot start.
Result<> initialise();

}  // namespace owrd::trust
