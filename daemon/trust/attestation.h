#pragma once

#include <cstdint>
#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

constexpr std::int64_t kAttestationLifeSeconds = 30 * 86400;

/// A mirror's word that it holds a release: well-formed, and signed by the key that stands in it.
/// Whether that key's word counts is the reader's question.
class Attestation {
 public:
  static Result<Attestation> verify(ByteView envelope);

  const Bytes& raw() const { return envelope_.raw; }
  const PublicKey& mirror_key() const { return mirror_key_; }
  const std::string& mirror_name() const { return message_.mirror_name(); }
  const Digest& publisher_id() const { return publisher_id_; }
  const Digest& release_id() const { return release_id_; }
  const Digest& infohash() const { return infohash_; }
  std::int64_t verified() const { return message_.verified(); }
  std::int64_t expires() const { return message_.expires(); }
  std::uint64_t bytes_verified() const { return message_.bytes_verified(); }

 private:
  Attestation(Envelope envelope, v1::Attestation message, PublicKey mirror_key, Digest publisher_id,
              Digest release_id, Digest infohash);
  Envelope envelope_;
  v1::Attestation message_;
  PublicKey mirror_key_;
  Digest publisher_id_;
  Digest release_id_;
  Digest infohash_;
};

struct NewAttestation {
  std::string mirror_name;
  Digest publisher_id;
  Digest release_id;
  Digest infohash;
  std::int64_t verified;  ///< Unix seconds; expires kAttestationLifeSeconds later.
  std::uint64_t bytes_verified;
};
/// The signed envelope.
Bytes make_attestation(const NewAttestation& what, const SecretKey& key);

}  // namespace owrd::trust
