#pragma once

#include <cstdint>
#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// What a publisher says of a release after it: well-formed. Who says so is verify_release()'s
/// question, with model().
class Notice {
 public:
  static Result<Notice> parse(ByteView envelope);

  const Envelope& envelope() const { return envelope_; }
  const Digest& publisher_id() const { return publisher_id_; }
  const Digest& release_id() const { return release_id_; }
  v1::NoticeKind kind() const { return message_.kind(); }
  v1::NoticeReason reason() const { return message_.reason(); }
  const std::string& model() const { return message_.model(); }
  const std::string& version() const { return message_.version(); }
  const std::string& text() const { return message_.text(); }
  std::int64_t issued() const { return message_.issued(); }
  const v1::Notice& message() const { return message_; }

 private:
  Notice(Envelope envelope, v1::Notice message, Digest publisher_id, Digest release_id);
  Envelope envelope_;
  v1::Notice message_;
  Digest publisher_id_;
  Digest release_id_;
};

/// Checks the rules on `message` and gives the payload: what release keys sign.
Result<Bytes> make_notice_payload(const v1::Notice& message);

}  // namespace owrd::trust
