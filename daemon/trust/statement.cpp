#include "daemon/trust/statement.h"

#include <map>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_forms.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

constexpr auto kKind = PayloadKind::Statement;
constexpr std::size_t kLongestAuthor = 200;
constexpr std::size_t kLongestText = 4000;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestValue = 512;
constexpr int kMostDetails = 16;
constexpr int kMostEvidence = 8;

using Details = std::map<std::string, std::string>;

Error broken(const std::string& cause) { return refused(kKind, cause); }

bool is_line(const std::string& text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && is_plain_line(text);
}

Result<> check_kind(v1::StatementKind kind) {
  if (kind == v1::STATEMENT_KIND_UNSPECIFIED) return broken("the kind is missing");
  if (v1::StatementKind_IsValid(kind)) return Done{};
  return Error{ErrorCode::InvalidInput,
               "statement: kind " + std::to_string(kind) + " needs a newer owrd",
               "install a newer owrd"};
}

Result<> check_text(const v1::Statement& statement) {
  const auto& text = statement.text();
  if (text.size() > kLongestText) return broken("the text is longer than 4000 bytes");
  if (!is_plain_text(text)) return broken("the text has characters that do not print");
  if (text.empty() && is_feedback(statement.kind())) return broken("feedback without text");
  return Done{};
}

Result<Details> read_details(const v1::Statement& statement) {
  if (statement.details_size() > kMostDetails) return broken("more than 16 details");
  Details details;
  for (const auto& detail : statement.details()) {
    if (!is_line(detail.name(), kLongestName))
      return broken("the name of a detail is not one line of 1 to 64 bytes");
    if (!is_line(detail.value(), kLongestValue))
      return broken("the detail " + quoted(detail.name()) + " is not one line of 1 to 512 bytes");
    if (!details.emplace(detail.name(), detail.value()).second)
      return broken("the detail " + quoted(detail.name()) + " stands twice");
  }
  return details;
}

Result<> check_benchmark(const Details& details) {
  for (const auto* needed : {"task", "metric", "value"})
    if (details.count(needed) == 0) return broken(std::string("a benchmark without its ") + needed);
  if (is_decimal(details.at("value"))) return Done{};
  return broken("the value " + quoted(details.at("value")) + " is not a decimal number");
}

Result<> check_result(const Details& details) {
  const auto result = details.find("result");
  if (result == details.end()) return broken("the result is missing");
  const auto& value = result->second;
  if (value == "pass" || value == "warn" || value == "fail") return Done{};
  return broken("the result " + quoted(value) + " is not pass, warn or fail");
}

Result<> check_details(const v1::Statement& statement) {
  const auto details = read_details(statement);
  if (!details) return details.error();
  if (statement.kind() == v1::STATEMENT_KIND_BENCHMARK) return check_benchmark(*details);
  return is_feedback(statement.kind()) ? Result<>(Done{}) : check_result(*details);
}

Result<> check_evidence(const v1::Statement& statement) {
  if (statement.evidence_size() > kMostEvidence) return broken("more than 8 pieces of evidence");
  for (const auto& url : statement.evidence())
    if (!is_https_url(url))
      return broken("the evidence " + quoted(url) + " is not an https:// URL");
  return Done{};
}

Result<> check_statement(const v1::Statement& statement) {
  if (const auto kind = check_kind(statement.kind()); !kind) return kind;
  if (statement.author_name().size() > kLongestAuthor || !is_plain_line(statement.author_name()))
    return broken("the author's name is not one line of at most 200 bytes");
  if (const auto text = check_text(statement); !text) return text;
  if (const auto details = check_details(statement); !details) return details;
  if (const auto evidence = check_evidence(statement); !evidence) return evidence;
  if (statement.issued() <= 0) return broken("the time of issue is missing");
  return Done{};
}

Result<PublicKey> read_author_key(const v1::Statement& statement) {
  const auto key = PublicKey::from_bytes(as_bytes(statement.author_key()));
  if (!key) return broken("the author's key is not 32 bytes");
  if (!is_possible(*key)) return broken("the author's key is not a point of ed25519");
  return *key;
}

Result<> check_signature(const Envelope& envelope, const PublicKey& author_key) {
  const auto& key_id = envelope.signatures.front().key_id;
  if (key_id != author_key.id())
    return Error{ErrorCode::BadSignature,
                 "statement: it is signed by the key " + fingerprint(key_id) +
                     ", and names as its author's the key " + fingerprint(author_key.id()),
                 remedy_of(kKind)};
  if (valid_signers(envelope, {author_key}).empty())
    return Error{
        ErrorCode::BadSignature,
        "statement: the signature by the author's key " + fingerprint(key_id) + " is not valid",
        remedy_of(kKind)};
  return Done{};
}

}  // namespace

Statement::Statement(Envelope envelope, v1::Statement message, PublicKey author_key,
                     Digest publisher_id, Digest release_id)
    : envelope_(std::move(envelope)),
      message_(std::move(message)),
      author_key_(author_key),
      publisher_id_(publisher_id),
      release_id_(release_id) {}

Result<Statement> Statement::verify(ByteView bytes) {
  auto envelope = parse_envelope_of_one(bytes, kKind);
  if (!envelope) return envelope.error();
  auto message = parse_payload<v1::Statement>(kKind, envelope->payload);
  if (!message) return message.error();
  const auto author_key = read_author_key(*message);
  if (!author_key) return author_key.error();
  const auto publisher_id = read_digest(kKind, message->publisher_id(), "the publisher id");
  if (!publisher_id) return publisher_id.error();
  const auto release_id = read_digest(kKind, message->release_id(), "the release id");
  if (!release_id) return release_id.error();
  if (const auto kept = check_statement(*message); !kept) return kept.error();
  if (const auto valid = check_signature(*envelope, *author_key); !valid) return valid.error();
  return Statement(std::move(*envelope), std::move(*message), *author_key, *publisher_id,
                   *release_id);
}

bool is_feedback(v1::StatementKind kind) {
  return kind == v1::STATEMENT_KIND_BUG || kind == v1::STATEMENT_KIND_SAFETY ||
         kind == v1::STATEMENT_KIND_QUALITY || kind == v1::STATEMENT_KIND_LICENSE;
}

std::string name_of(v1::StatementKind kind) {
  constexpr std::string_view kPrefix = "STATEMENT_KIND_";
  const auto& name = v1::StatementKind_Name(kind);
  return name.starts_with(kPrefix) ? ascii_lower(name.substr(kPrefix.size())) : std::string();
}

Result<Bytes> make_statement(v1::Statement message, const SecretKey& key) {
  message.set_author_key(std::string(as_text(key.public_key().bytes())));
  auto envelope = seal(kKind, as_bytes(message.SerializeAsString()), {&key});
  // What every reader would refuse is better said before anyone is told.
  if (const auto verified = Statement::verify(envelope); !verified)
    return Error{ErrorCode::InvalidInput, verified.error().message,
                 "every owrd would refuse this statement: change what it is to say"};
  return envelope;
}

}  // namespace owrd::trust
