#include "daemon/trust/blake2b.h"

#include <sodium.h>

#include "daemon/trust/secret_bytes.h"

namespace owrd::trust {

Bytes blake2b_512(ByteView bytes) {
  Bytes digest(crypto_generichash_BYTES_MAX);
  crypto_generichash(data_of(std::span<std::byte>(digest)), digest.size(), data_of(bytes),
                     bytes.size(), nullptr, 0);
  return digest;
}

}  // namespace owrd::trust
