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

/// What somebody says of a release that is not theirs: well-formed, and signed by the key that
/// stands in it. Whether that key's word counts is the reader's question; it alters nothing of the
/// release.
class Statement {
 public:
  static Result<Statement> verify(ByteView envelope);

  const Bytes& raw() const { return envelope_.raw; }
  /// SHA-256 of the payload: what makes two statements the same.
  Digest id() const { return envelope_.payload_digest(); }
  const PublicKey& author_key() const { return author_key_; }
  const std::string& author_name() const { return message_.author_name(); }
  const Digest& publisher_id() const { return publisher_id_; }
  const Digest& release_id() const { return release_id_; }
  v1::StatementKind kind() const { return message_.kind(); }
  const std::string& text() const { return message_.text(); }
  std::int64_t issued() const { return message_.issued(); }
  const v1::Statement& message() const { return message_; }

 private:
  Statement(Envelope envelope, v1::Statement message, PublicKey author_key, Digest publisher_id,
            Digest release_id);
  Envelope envelope_;
  v1::Statement message_;
  PublicKey author_key_;
  Digest publisher_id_;
  Digest release_id_;
};

/// Of the kinds that are for the publisher alone: bug, safety, quality, license.
bool is_feedback(v1::StatementKind kind);
/// "bug", "benchmark" and so on; empty for one that is not known.
std::string name_of(v1::StatementKind kind);

/// The signed envelope of `message`, whose author becomes `key`'s. InvalidInput names the rule that
/// it breaks.
Result<Bytes> make_statement(v1::Statement message, const SecretKey& key);

}  // namespace owrd::trust
