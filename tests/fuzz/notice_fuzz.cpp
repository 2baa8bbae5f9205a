// A notice is written in one way alone: what is read is what make_notice_payload() would make.
#include <cstdint>
#include <cstdlib>

#include "daemon/core/ref.h"
#include "daemon/trust/notice.h"
#include "tests/trust/make.h"

namespace {

using namespace owrd;
using namespace owrd::trust;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_envelope(ByteView bytes) {
  const auto notice = Notice::parse(bytes);
  if (!notice) return;
  require(notice->envelope().raw == to_bytes(bytes));
  require(is_valid_name(notice->model()) && notice->text().size() <= 4000);
  require(notice->kind() != v1::NOTICE_KIND_UNSPECIFIED);
  const auto payload = make_notice_payload(notice->message());
  require(payload && *payload == notice->envelope().payload);
}

void check_payload(ByteView payload) {
  static const auto kKey = make_key(1);
  check_envelope(seal(PayloadKind::Notice, payload, {&kKey}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_envelope(bytes);
  check_payload(bytes);
  if (const auto envelope = parse_envelope(bytes, PayloadKind::Notice))
    check_payload(envelope->payload);
  return 0;
}
