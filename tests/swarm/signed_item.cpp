#include "tests/swarm/signed_item.h"

#include <array>
#include <libtorrent/kademlia/ed25519.hpp>
#include <libtorrent/kademlia/item.hpp>

#include "tests/support/made_torrent.h"

namespace owrd::swarm {

ItemKey::ItemKey(std::uint32_t seed) {
  std::array<char, 32> seed_bytes{};
  make_content(seed_bytes.size(), seed).copy(seed_bytes.data(), seed_bytes.size());
  const auto [public_key, secret_key] = lt::dht::ed25519_create_keypair(seed_bytes);
  public_key_.assign(public_key.bytes.begin(), public_key.bytes.end());
  secret_key_.assign(secret_key.bytes.begin(), secret_key.bytes.end());
}

v1::SwarmCommand ItemKey::put(std::int64_t sequence, const std::string& value,
                              const std::string& salt) const {
  const auto signature = lt::dht::sign_mutable_item(value, salt, lt::dht::sequence_number(sequence),
                                                    lt::dht::public_key(public_key_.data()),
                                                    lt::dht::secret_key(secret_key_.data()));
  v1::SwarmCommand command;
  auto& put = *command.mutable_dht_put();
  put.set_public_key(public_key_);
  put.set_salt(salt);
  put.set_sequence(sequence);
  put.set_value(value);
  put.set_signature(signature.bytes.data(), signature.bytes.size());
  return command;
}

v1::SwarmCommand ItemKey::get(const std::string& salt) const {
  v1::SwarmCommand command;
  command.mutable_dht_get()->set_public_key(public_key_);
  command.mutable_dht_get()->set_salt(salt);
  return command;
}

std::string malleate(std::string signature) {
  // L, the lowest byte first, without its zeros up to the highest.
  constexpr unsigned char kLow[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                    0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned digit = i < sizeof kLow ? kLow[i] : i == 31 ? 0x10 : 0;
    carry += static_cast<unsigned char>(signature[32 + i]) + digit;
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  return signature;
}

}  // namespace owrd::swarm
