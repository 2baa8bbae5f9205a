#include "daemon/trust/key.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "daemon/hash/sha256.h"
#include "daemon/trust/secret_bytes.h"

namespace owrd::trust {

Result<PublicKey> PublicKey::from_bytes(ByteView bytes) {
  if (bytes.size() != kBytes)
    return Error{ErrorCode::InvalidInput,
                 "public key: expected 32 bytes, got " + std::to_string(bytes.size())};
  std::array<std::byte, kBytes> array{};
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return PublicKey(array);
}

Digest PublicKey::id() const {
  hash::Sha256 hasher;
  hasher.update(as_bytes("owrd-key-v1\n\x01"));
  hasher.update(bytes_);
  return hasher.finish();
}

bool is_possible(const PublicKey& key) {
  return crypto_core_ed25519_is_valid_point(data_of(key.bytes())) == 1;
}

std::string fingerprint(const Digest& id) {
  std::string text;
  const auto hex = to_hex(id.bytes().first(8));
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i != 0 && i % 4 == 0) text += ' ';
    const char c = hex[i];
    text += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

SecretKey::SecretKey(std::shared_ptr<const Locked> secret, PublicKey public_key)
    : secret_(std::move(secret)), public_key_(public_key) {}

Result<SecretKey> SecretKey::generate() {
  auto seed = SecretBytes::allocate(crypto_sign_SEEDBYTES);
  if (!seed) return seed.error();
  randombytes_buf(seed->bytes().data(), crypto_sign_SEEDBYTES);
  return from_seed(seed->bytes());
}

Result<SecretKey> SecretKey::from_seed(ByteView seed) {
  if (seed.size() != crypto_sign_SEEDBYTES)
    return Error{ErrorCode::InvalidInput,
                 "secret key: expected a seed of 32 bytes, got " + std::to_string(seed.size())};
  auto key = SecretBytes::allocate(crypto_sign_SECRETKEYBYTES);
  if (!key) return key.error();
  std::array<std::byte, PublicKey::kBytes> public_bytes{};
  crypto_sign_seed_keypair(data_of(std::span<std::byte>(public_bytes)), data_of(key->bytes()),
                           data_of(seed));
  const auto public_key = PublicKey::from_bytes(public_bytes);
  return SecretKey(std::make_shared<const Locked>(Locked{std::move(*key)}), *public_key);
}

Bytes SecretKey::sign(ByteView message) const {
  Bytes signature(crypto_sign_BYTES);
  crypto_sign_detached(data_of(std::span<std::byte>(signature)), nullptr, data_of(message),
                       message.size(), data_of(secret_->key.bytes()));
  return signature;
}

bool verify(ByteView message, ByteView signature, const PublicKey& key) {
  if (signature.size() != crypto_sign_BYTES) return false;
  return crypto_sign_verify_detached(data_of(signature), data_of(message), message.size(),
                                     data_of(key.bytes())) == 0;
}

Result<> initialise() {
  if (sodium_init() < 0) return Error{ErrorCode::Internal, "keys: libsodium could not start"};
  return Done{};
}

}  // namespace owrd::trust
