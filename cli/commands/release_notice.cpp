#include <ctime>

#include "cli/commands/release.h"
#include "cli/listed.h"
#include "cli/name_records.h"
#include "cli/passphrase.h"
#include "cli/publishers.h"
#include "cli/reasons.h"
#include "cli/release_keys.h"
#include "cli/wording.h"
#include "daemon/core/ref.h"
#include "daemon/release/publication_rules.h"
#include "daemon/trust/notice.h"

namespace owrd::cli {
namespace {

struct NoticeOptions {
  std::string ref;
  std::string reason = "other";
  std::string stage;
  std::string text;
  std::vector<std::string> advisories;
  std::vector<std::string> keys;
  std::string passphrase_file;
};

void add_common_flags(CLI::App& command, NoticeOptions& options) {
  command.add_option("ref", options.ref, "The release, by its exact version")
      ->required()
      ->type_name("REF");
  command.add_option("--text", options.text, "What users read, one paragraph")->type_name("TEXT");
  add_repeatable(command, "--advisory", options.advisories,
                 "Such as CVE-2026-1234; may be repeated")
      ->type_name("ID");
  add_repeatable(command, "--key", options.keys,
                 "The key to sign with; may be repeated (default: the only one that fits)")
      ->type_name("NAME");
  add_passphrase_file(command, options.passphrase_file);
}

void add_flags(CLI::App& command, NoticeOptions& options) {
  add_common_flags(command, options);
  command.add_option("--reason", options.reason, "Why: " + reason_words())
      ->required()
      ->type_name("REASON")
      ->check(CLI::IsMember(reason_names()));
}

void add_promote_flags(CLI::App& command, NoticeOptions& options) {
  add_common_flags(command, options);
  command
      .add_option("--to", options.stage,
                  "Its stage from here on: pre-release, staged, public or deprecated")
      ->required()
      ->type_name("STAGE")
      ->check(CLI::IsMember({"pre-release", "staged", "public", "deprecated"}));
}

/// What a kind of notice does, in the words of the review and of the outcome.
struct KindText {
  v1::NoticeKind kind;
  const char* question;
  const char* outcome;
};

constexpr KindText kYank = {v1::NOTICE_KIND_YANK, "Names and channels will skip it.",
                            "is yanked: names and channels skip it"};
constexpr KindText kUnyank = {v1::NOTICE_KIND_UNYANK, "Names and channels will choose it again.",
                              "is not yanked any more"};
constexpr KindText kWithdraw = {
    v1::NOTICE_KIND_WITHDRAW,
    "Nobody will get it unless they insist, seeding stops, and this cannot be undone.",
    "is withdrawn: it is refused, and seeded no more"};
constexpr KindText kAdvise = {v1::NOTICE_KIND_ADVISORY,
                              "It will be said whenever the release is fetched or shown.",
                              "has an advisory"};
constexpr KindText kPromote = {v1::NOTICE_KIND_STAGE,
                               "Stages go forward only: there is no way back.",
                               "has come to its next stage"};

/// The daemon's answer must be about what was asked for.
bool is_of(const v1::ListedRecord& release, const Ref& ref) {
  if (ref.release_id) return release.release_id() == ref.release_id->to_hex();
  if (!ref.id_prefix.empty()) return release.release_id().starts_with(ref.id_prefix);
  return release.petname() == ref.publisher && release.model() == ref.model;
}

/// A notice is about one content: a name that could stand for another one tomorrow is not enough.
Result<v1::ListedRecord> find_release(Daemon& daemon, const std::string& text) {
  const auto ref = parse_ref(text);
  if (!ref) return ref.error();
  const auto resolved = resolve(daemon, text, /*allow_stale=*/true);
  if (!resolved) return resolved.error();
  const auto& release = resolved->release();
  if (!is_of(release, *ref))
    return Error{ErrorCode::Internal,
                 "the daemon found " + release.ref() + " for " + text + "; nothing was signed",
                 "owrd status   (compare its version with: owrd version)"};
  const bool is_exact =
      ref->release_id || !ref->id_prefix.empty() || ref->label == release.version();
  if (is_exact) return release;
  return Error{ErrorCode::InvalidInput,
               text + " names no exact version: it is " + release.ref() + " at the moment",
               release.ref()};
}

Result<> check_stages(const v1::ListedRecord& release, const NoticeOptions& options) {
  const auto from = release::stage_of(release.stage()).value_or(v1::STAGE_UNSPECIFIED);
  const auto to = release::stage_of(options.stage);
  return to ? release::check_promotion(from, *to) : Done{};
}

Result<v1::Notice> notice_of(const v1::ListedRecord& release, const KindText& kind,
                             const NoticeOptions& options) {
  const auto publisher = Digest::from_hex(release.publisher_id());
  if (!publisher) return publisher.error();
  const auto release_id = Digest::from_hex(release.release_id());
  if (!release_id) return release_id.error();
  v1::Notice notice;
  notice.set_publisher_id(publisher->to_field());
  notice.set_kind(kind.kind);
  notice.set_model(release.model());
  notice.set_version(release.version());
  notice.set_release_id(release_id->to_field());
  notice.set_reason(reason_of(options.reason));
  notice.set_text(options.text);
  notice.set_stage(release::stage_of(options.stage).value_or(v1::STAGE_UNSPECIFIED));
  notice.set_issued(static_cast<std::int64_t>(std::time(nullptr)));
  for (const auto& advisory : options.advisories) notice.add_advisories(advisory);
  return notice;
}

void show_review(Output& output, const v1::ListedRecord& release, const NoticeOptions& options,
                 const std::vector<trust::KeyFile>& keys) {
  output.note(pinned_ref(release));
  if (options.stage.empty())
    output.note("  reason    " + options.reason);
  else
    output.note("  stage     " + options.stage + ", after " + release.stage());
  if (!options.text.empty()) output.note("  text      " + options.text);
  for (const auto& advisory : options.advisories) output.note("  advisory  " + advisory);
  for (const auto& key : keys)
    output.note("  key       " + key.name + " (" + trust::fingerprint(key.public_key.id()) + ")");
}

/// The keys that are to sign, of the publisher's newest root as it is verified here.
Result<std::vector<trust::KeyFile>> choose_keys(Context& context, Daemon& daemon,
                                                const v1::ListedRecord& release,
                                                const NoticeOptions& options) {
  const auto shown = show_publisher(daemon, release.petname());
  if (!shown) return shown.error();
  const auto chain = chain_of(*shown);
  if (!chain) return chain.error();
  if (chain->publisher_id().to_hex() != release.publisher_id())
    return Error{ErrorCode::BadSignature,
                 release.ref() + " is not of the publisher that is pinned as " + release.petname(),
                 "owrd publisher ls"};
  return choose_release_keys(context.keyring(),
                             {chain->newest(), release.petname(), release.model()}, options.keys);
}

Result<v1::SubmitNoticeReply> submit(Context& context, Daemon& daemon, ByteView payload,
                                     const std::vector<trust::KeyFile>& keys,
                                     const std::string& passphrase_file) {
  const auto secrets = unlock_all(context, keys, passphrase_file);
  if (!secrets) return secrets.error();
  v1::SubmitNoticeRequest request;
  request.set_envelope(seal_with(trust::PayloadKind::Notice, payload, *secrets));
  return daemon.client.call<v1::SubmitNoticeReply>("Publishers/SubmitNotice", request);
}

Result<int> say(Context& context, const NoticeOptions& options, const KindText& kind) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const auto release = find_release(**daemon, options.ref);
  if (!release) return release.error();
  if (const auto due = check_stages(*release, options); !due) return due.error();
  const auto notice = notice_of(*release, kind, options);
  if (!notice) return notice.error();
  const auto payload = trust::make_notice_payload(*notice);
  if (!payload) return payload.error();
  const auto keys = choose_keys(context, **daemon, *release, options);
  if (!keys) return keys.error();
  auto& output = context.output();
  show_review(output, *release, options, *keys);
  const auto is_sure = context.confirm(std::string(kind.question) + " Sign this?");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) {
    output.note("nothing was signed");
    return 1;
  }
  const auto reply = submit(context, **daemon, *payload, *keys, options.passphrase_file);
  if (!reply) return reply.error();
  output.good(reply->release().ref() + " " + kind.outcome);
  if (context.json())
    output.record(listed_record(reply->release()));
  else
    output.result(reply->release().ref());
  return 0;
}

template <const KindText& kKind>
Result<int> run(Context& context, const NoticeOptions& options) {
  return say(context, options, kKind);
}

}  // namespace

void add_release_notices(CommandLine& line, CLI::App& group) {
  add_command<NoticeOptions>(
      line, group,
      {"yank", kPublishGroup, "Let names and channels skip a release of yours",
       "owrd release yank acme/atlas:1.2.0 --reason defect --text 'wrong tokenizer'"},
      add_flags, run<kYank>);
  add_command<NoticeOptions>(line, group,
                             {"unyank", kPublishGroup, "Let names and channels choose it again",
                              "owrd release unyank acme/atlas:1.2.0 --reason other"},
                             add_flags, run<kUnyank>);
  add_command<NoticeOptions>(
      line, group,
      {"withdraw", kPublishGroup, "Take a release of yours back, as far as that goes",
       "owrd release withdraw acme/atlas:1.2.0 --reason legal --text 'a licence was violated'"},
      add_flags, run<kWithdraw>);
  add_command<NoticeOptions>(
      line, group,
      {"advise", kPublishGroup, "Say something that everyone who gets it should know",
       "owrd release advise acme/atlas:1.2.0 --reason security --advisory CVE-2026-1234 "
       "--text 'update the runtime first'"},
      add_flags, run<kAdvise>);
  add_command<NoticeOptions>(
      line, group,
      {"promote", kPublishGroup, "Bring a release of yours to its next stage",
       "owrd release promote acme/atlas:1.0.0-rc.1 --to staged\n"
       "owrd release promote acme/atlas:1.2.0 --to public"},
      add_promote_flags, run<kPromote>);
}

}  // namespace owrd::cli
