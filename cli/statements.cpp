#include "cli/statements.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>

#include "cli/author.h"
#include "cli/command.h"
#include "cli/listed.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"
#include "daemon/trust/statement.h"

namespace owrd::cli {
namespace {

constexpr std::size_t kShownBytes = 72;

/// What a statement is on.
struct Subject {
  std::string ref;
  std::string publisher_id;
  std::string release_id;
};

/// A release that is here, or else one that a feed lists.
Result<Subject> find_subject(Daemon& daemon, const std::string& ref) {
  v1::ShowReleaseRequest request;
  request.set_ref(ref);
  const auto shown = daemon.client.call<v1::ShowReleaseReply>("Releases/Show", request);
  if (shown && !shown->release().release_id().empty()) {
    const auto& release = shown->release();
    return Subject{release.ref(), release.publisher_id(), release.release_id()};
  }
  if (!shown && shown.error().code != ErrorCode::NotFound) return shown.error();
  const auto resolved = resolve(daemon, ref, /*allow_stale=*/true);
  if (!resolved) return resolved.error();
  const auto& release = resolved->release();
  return Subject{release.ref(), release.publisher_id(), release.release_id()};
}

Result<v1::Statement> draft_of(const Subject& subject, const StatementOptions& options,
                               v1::StatementKind kind, const std::vector<Detail>& details) {
  const auto publisher = Digest::from_hex(subject.publisher_id);
  if (!publisher) return publisher.error();
  const auto release = Digest::from_hex(subject.release_id);
  if (!release) return release.error();
  v1::Statement statement;
  statement.set_author_name(options.author_name);
  statement.set_publisher_id(publisher->to_field());
  statement.set_release_id(release->to_field());
  statement.set_kind(kind);
  statement.set_text(options.text);
  statement.set_issued(static_cast<std::int64_t>(std::time(nullptr)));
  for (const auto& [name, value] : details) {
    if (value.empty()) continue;
    auto& detail = *statement.add_details();
    detail.set_name(name);
    detail.set_value(value);
  }
  for (const auto& url : options.evidence) statement.add_evidence(url);
  return statement;
}

void report(Context& context, const Daemon& daemon, const v1::StatementRecord& statement) {
  auto& output = context.output();
  output.good(statement.kind() + " on " + statement.ref() + ", signed by " + statement.author());
  output.note("  anybody may read it: it is told to the peers of the release and of its feed");
  if (context.json())
    output.record(statement_record(statement));
  else
    output.result(statement.id());
  if (daemon.status.is_private())
    output.hint("it travels only while a daemon runs:  owrd seed --detach " + statement.ref());
}

/// In one line; `most` bytes of it at most, 0 for all.
std::string in_one_line(std::string text, std::size_t most) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  if (most == 0 || text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most) + "...";
}

/// "mmlu acc 0.71", "pass"; whatever else is said of it stands in its record.
std::string outcome_of(const v1::StatementRecord& statement) {
  std::string outcome;
  for (const auto* name : {"task", "metric", "value", "result"})
    for (const auto& detail : statement.details())
      if (detail.name() == name) outcome += (outcome.empty() ? "" : " ") + detail.value();
  return outcome;
}

/// A name counts when it is that of a mirror that was pinned here; what authors call themselves
/// proves nothing.
std::string author_of(const v1::StatementRecord& statement) {
  return statement.pinned_as().empty() ? statement.author()
                                       : statement.pinned_as() + ", pinned: " + statement.author();
}

std::vector<Cell> row_of(const v1::StatementRecord& statement, std::int64_t now) {
  return {{age(statement.issued(), now), format_time(statement.issued())},
          statement.kind(),
          statement.ref(),
          author_of(statement),
          outcome_of(statement),
          {in_one_line(statement.text(), kShownBytes), in_one_line(statement.text(), 0)}};
}

bool is_feedback_record(const v1::StatementRecord& statement) {
  for (const auto kind : {v1::STATEMENT_KIND_BUG, v1::STATEMENT_KIND_SAFETY,
                          v1::STATEMENT_KIND_QUALITY, v1::STATEMENT_KIND_LICENSE})
    if (statement.kind() == trust::name_of(kind)) return true;
  return false;
}

}  // namespace

void add_statement_flags(CLI::App& command, StatementOptions& options, bool is_text_needed) {
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
  command.add_option("--text", options.text, "What you found, in plain text, at most 4,000 bytes")
      ->required(is_text_needed)
      ->type_name("TEXT");
  add_repeatable(command, "--evidence", options.evidence,
                 "Where more of it is, https://; may be repeated")
      ->type_name("URL");
  command
      .add_option("--as", options.author_name,
                  "What you call yourself; your key is what proves who you are")
      ->type_name("NAME");
  command
      .add_option("--key", options.key,
                  "The key to sign with (default: the one called feedback, or the only one)")
      ->type_name("NAME");
  add_passphrase_file(command, options.passphrase_file);
}

Result<int> send_statement(Context& context, const StatementOptions& options,
                           v1::StatementKind kind, const std::vector<Detail>& details) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const auto subject = find_subject(**daemon, options.ref);
  if (!subject) return subject.error();
  const auto draft = draft_of(*subject, options, kind, details);
  if (!draft) return draft.error();
  const auto author = choose_author(context, options.key, options.passphrase_file);
  if (!author) return author.error();
  if (!*author) {
    context.output().note("nothing was signed");
    return 1;
  }
  const auto envelope = trust::make_statement(*draft, (*author)->secret);
  if (!envelope) return envelope.error();
  if (const auto kept = keep_author(context, **author); !kept) return kept.error();
  v1::SubmitStatementRequest request;
  request.set_envelope(std::string(as_text(*envelope)));
  const auto reply = (*daemon)->client.call<v1::SubmitStatementReply>("Statements/Submit", request);
  if (!reply) return reply.error();
  report(context, **daemon, reply->statement());
  return 0;
}

Result<std::vector<v1::StatementRecord>> list_statements(Daemon& daemon, const std::string& ref,
                                                         bool is_feedback) {
  v1::ListStatementsRequest request;
  request.set_ref(ref);
  const auto reply = daemon.client.call<v1::ListStatementsReply>("Statements/List", request);
  if (!reply) return reply.error();
  std::vector<v1::StatementRecord> statements;
  for (const auto& statement : reply->statements())
    if (is_feedback_record(statement) == is_feedback) statements.push_back(statement);
  return statements;
}

void print_statements(Context& context, const std::vector<v1::StatementRecord>& statements,
                      const std::string& nothing) {
  auto& output = context.output();
  Table table{{{"ISSUED"}, {"KIND"}, {"REF"}, {"AUTHOR"}, {"RESULT"}, {"TEXT"}}, {}};
  for (const auto& statement : statements) {
    if (context.json())
      output.record(statement_record(statement));
    else if (output.look().quiet)
      output.result(statement.id());
    else
      table.rows.push_back(row_of(statement, std::time(nullptr)));
  }
  if (!table.rows.empty()) output.table(table);
  if (statements.empty()) output.note(nothing);
}

}  // namespace owrd::cli
