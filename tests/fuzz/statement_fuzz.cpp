// A statement that is taken is signed by the key that stands in it, within its limits, written in
// one way alone, and one that its author would be allowed to make.
#include <cstdint>
#include <cstdlib>

#include "daemon/trust/statement.h"
#include "tests/trust/make.h"

namespace {

using namespace owrd;
using namespace owrd::trust;

void require(bool holds) {
  if (!holds) std::abort();
}

const SecretKey& key() {
  static const auto kKey = make_key(1);
  return kKey;
}

void check_envelope(ByteView bytes) {
  const auto statement = Statement::verify(bytes);
  if (!statement) return;
  require(statement->raw() == to_bytes(bytes) && bytes.size() <= 8192);
  const auto envelope = parse_envelope(bytes, PayloadKind::Statement);
  require(envelope && envelope->signatures.size() == 1);
  require(valid_signers(*envelope, {statement->author_key()}).size() == 1);
  require(statement->issued() > 0 && !name_of(statement->kind()).empty());
  require(!is_feedback(statement->kind()) || !statement->text().empty());
  require(statement->text().size() <= 4000 && statement->message().details_size() <= 16);
  const auto made = make_statement(statement->message(), key());
  if (statement->author_key() == key().public_key()) require(made && *made == statement->raw());
}

void check_payload(ByteView payload) {
  check_envelope(seal(PayloadKind::Statement, payload, {&key()}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_envelope(bytes);
  check_payload(bytes);
  if (const auto envelope = parse_envelope(bytes, PayloadKind::Statement))
    check_payload(envelope->payload);
  return 0;
}
