#include "daemon/trust/notice.h"

#include <utility>

#include "daemon/core/ref.h"
#include "daemon/core/text.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

constexpr std::size_t kLongestVersion = 96;
constexpr std::size_t kLongestText = 4000;
constexpr std::size_t kLongestAdvisory = 100;
constexpr int kMostAdvisories = 16;

Error broken(const std::string& cause) { return refused(PayloadKind::Notice, cause); }
Error too_new(const std::string& cause) {
  return {ErrorCode::InvalidInput, "notice: " + cause + " needs a newer owrd",
          "install a newer owrd"};
}

Result<> check_kind(const v1::Notice& notice) {
  if (notice.kind() == v1::NOTICE_KIND_UNSPECIFIED) return broken("the kind is missing");
  if (!v1::NoticeKind_IsValid(notice.kind()))
    return too_new("kind " + std::to_string(notice.kind()));
  if (notice.reason() == v1::NOTICE_REASON_UNSPECIFIED) return broken("the reason is missing");
  if (!v1::NoticeReason_IsValid(notice.reason()))
    return too_new("reason " + std::to_string(notice.reason()));
  return Done{};
}

Result<> check_names(const v1::Notice& notice) {
  if (!is_valid_name(notice.model()))
    return broken("model " + quoted(notice.model()) +
                  ": expected letters, digits, '.', '_' and '-', at most 96");
  if (notice.version().empty() || notice.version().size() > kLongestVersion ||
      !is_plain_line(notice.version()))
    return broken("the version is not one line of 1 to 96 bytes");
  return Done{};
}

Result<> check_texts(const v1::Notice& notice) {
  if (notice.text().size() > kLongestText) return broken("the text is longer than 4000 bytes");
  if (!is_plain_line(notice.text())) return broken("the text is not one paragraph of plain text");
  if (notice.kind() == v1::NOTICE_KIND_ADVISORY && notice.text().empty())
    return broken("an advisory without text");
  if (notice.advisories_size() > kMostAdvisories) return broken("more than 16 advisories");
  for (const auto& advisory : notice.advisories())
    if (advisory.empty() || advisory.size() > kLongestAdvisory || !is_plain_line(advisory))
      return broken("the name of an advisory is not one line of 1 to 100 bytes");
  return Done{};
}

Result<> check_stage(const v1::Notice& notice) {
  const bool is_of_stage = notice.kind() == v1::NOTICE_KIND_STAGE;
  if (!v1::Stage_IsValid(notice.stage())) return too_new("stage " + std::to_string(notice.stage()));
  if (is_of_stage == (notice.stage() != v1::STAGE_UNSPECIFIED)) return Done{};
  return broken(is_of_stage ? "the stage is missing" : "a stage in a notice of another kind");
}

Result<> check_notice(const v1::Notice& notice) {
  if (const auto kind = check_kind(notice); !kind) return kind;
  if (const auto stage = check_stage(notice); !stage) return stage;
  if (const auto names = check_names(notice); !names) return names;
  if (const auto texts = check_texts(notice); !texts) return texts;
  if (notice.issued() <= 0) return broken("the time of issue is missing");
  return Done{};
}

struct Parts {
  v1::Notice message;
  Digest publisher_id;
  Digest release_id;
};
Result<Parts> read_payload(ByteView payload) {
  constexpr auto kKind = PayloadKind::Notice;
  auto message = parse_payload<v1::Notice>(kKind, payload);
  if (!message) return message.error();
  const auto publisher = read_digest(kKind, message->publisher_id(), "the publisher id");
  if (!publisher) return publisher.error();
  const auto release = read_digest(kKind, message->release_id(), "the release id");
  if (!release) return release.error();
  if (const auto kept = check_notice(*message); !kept) return kept.error();
  return Parts{std::move(*message), *publisher, *release};
}

}  // namespace

Notice::Notice(Envelope envelope, v1::Notice message, Digest publisher_id, Digest release_id)
    : envelope_(std::move(envelope)),
      message_(std::move(message)),
      publisher_id_(publisher_id),
      release_id_(release_id) {}

Result<Notice> Notice::parse(ByteView bytes) {
  auto envelope = parse_envelope(bytes, PayloadKind::Notice);
  if (!envelope) return envelope.error();
  auto parts = read_payload(envelope->payload);
  if (!parts) return parts.error();
  return Notice(std::move(*envelope), std::move(parts->message), parts->publisher_id,
                parts->release_id);
}

Result<Bytes> make_notice_payload(const v1::Notice& message) {
  auto payload = to_bytes(message.SerializeAsString());
  // What every reader would refuse is better said before anyone signs it.
  if (const auto parts = read_payload(payload); !parts)
    return Error{ErrorCode::InvalidInput, parts.error().message,
                 "every owrd would refuse this notice: change what it is to say"};
  return payload;
}

}  // namespace owrd::trust
