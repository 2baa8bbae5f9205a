#include "daemon/trust/head.h"

#include <string>
#include <utility>

#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

Error broken(const std::string& cause) { return refused(PayloadKind::Head, cause); }

/// `name` is "feed" or "file of attestations".
Result<FeedFile> read_file(const v1::FeedFile& file, const std::string& name, std::uint64_t limit) {
  // Each begins with a line that says what it is.
  if (file.length() == 0) return broken("the " + name + " is empty");
  if (file.length() > limit)
    return broken("the " + name + " is longer than " + std::to_string(limit) + " bytes");
  const auto sha256 = Digest::from_bytes(as_bytes(file.sha256()));
  if (!sha256) return broken("the SHA-256 of the " + name + " is not 32 bytes");
  return FeedFile{file.length(), *sha256};
}

Result<> check_numbers(const v1::Head& head) {
  if (head.sequence() == 0) return broken("the sequence is missing");
  if (head.sequence() > kLastSequence) return broken("the sequence is above 2^53");
  if (head.issued() <= 0) return broken("the time of issue is missing");
  if (head.expires() <= head.issued()) return broken("it expires before it is issued");
  if (head.expires() - head.issued() > kLongestHeadLifeSeconds)
    return broken("it lives longer than 30 days");
  if (head.root_version() == 0) return broken("the root version is missing");
  return Done{};
}

void write_file(const FeedFile& file, v1::FeedFile& out) {
  out.set_length(file.length);
  out.set_sha256(file.sha256.to_field());
}

/// "root version 3 of Acme Labs"
std::string text_of(const Root& root) {
  return "root version " + std::to_string(root.version()) + " of " + root.message().display_name();
}

Result<> check_version(const Head& head, const Root& newest) {
  const auto named = std::to_string(head.root_version());
  if (head.root_version() > newest.version())
    return Error{
        ErrorCode::Untrusted,
        "head: it follows root version " + named + ", and the newest known is " + text_of(newest),
        "the feed that it names holds the newer roots: owrd publisher refresh"};
  if (head.root_version() < newest.version())
    return Error{
        ErrorCode::BadSignature,
        "head: it follows root version " + named + ", which " + text_of(newest) + " has replaced",
        remedy_of(PayloadKind::Head)};
  return Done{};
}

}  // namespace

Head::Head(Envelope envelope, v1::Head message, Digest publisher_id, FeedFile feed,
           std::optional<FeedFile> attestations, Digest infohash)
    : envelope_(std::move(envelope)),
      message_(std::move(message)),
      publisher_id_(publisher_id),
      feed_(feed),
      attestations_(attestations),
      infohash_(infohash) {}

Result<Head> Head::parse(ByteView bytes) {
  constexpr auto kKind = PayloadKind::Head;
  auto envelope = parse_envelope_of_one(bytes, kKind);
  if (!envelope) return envelope.error();
  auto message = parse_payload<v1::Head>(kKind, envelope->payload);
  if (!message) return message.error();
  const auto publisher_id = read_digest(kKind, message->publisher_id(), "the publisher id");
  if (!publisher_id) return publisher_id.error();
  if (const auto numbers = check_numbers(*message); !numbers) return numbers.error();
  const auto feed = read_file(message->feed(), "feed", kFeedLimitBytes);
  if (!feed) return feed.error();
  std::optional<FeedFile> attestations;
  if (message->has_attestations()) {
    const auto file =
        read_file(message->attestations(), "file of attestations", kAttestationsLimitBytes);
    if (!file) return file.error();
    attestations = *file;
  }
  const auto infohash = read_digest(kKind, message->infohash(), "the infohash");
  if (!infohash) return infohash.error();
  return Head(std::move(*envelope), std::move(*message), *publisher_id, *feed, attestations,
              *infohash);
}

Result<> verify_head(const Head& head, const Root& newest) {
  if (head.publisher_id() != newest.publisher_id())
    return Error{ErrorCode::Untrusted,
                 "head: it is of publisher " + fingerprint(head.publisher_id()) + ", not of " +
                     newest.message().display_name(),
                 remedy_of(PayloadKind::Head)};
  if (const auto version = check_version(head, newest); !version) return version;
  if (!newest.head_key())
    return Error{ErrorCode::Untrusted, "head: " + text_of(newest) + " names no head key",
                 "this publisher has no feed: get its releases by their magnet links or .owr"};
  const auto& signature = head.envelope().signatures.front();
  if (signature.key_id != newest.head_key()->id())
    return Error{ErrorCode::Untrusted,
                 "head: it is signed by the key " + fingerprint(signature.key_id) +
                     ", which is not the head key of " + text_of(newest),
                 remedy_of(PayloadKind::Head)};
  if (valid_signers(head.envelope(), {*newest.head_key()}).empty())
    return Error{ErrorCode::BadSignature,
                 "head: the signature by the head key of " + text_of(newest) + " is not valid",
                 remedy_of(PayloadKind::Head)};
  return Done{};
}

Bytes make_head(const NewHead& what, const SecretKey& key) {
  v1::Head head;
  head.set_publisher_id(what.publisher_id.to_field());
  head.set_sequence(what.sequence);
  head.set_issued(what.issued);
  head.set_expires(what.expires);
  head.set_root_version(what.root_version);
  write_file(what.feed, *head.mutable_feed());
  if (what.attestations) write_file(*what.attestations, *head.mutable_attestations());
  head.set_infohash(what.infohash.to_field());
  return seal(PayloadKind::Head, as_bytes(head.SerializeAsString()), {&key});
}

}  // namespace owrd::trust
