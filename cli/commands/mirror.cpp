#include <ctime>

#include "cli/command.h"
#include "cli/key_names.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct AddOptions {
  std::string name;
  std::string key;
};

void add_add_flags(CLI::App& command, AddOptions& options) {
  command.add_option("name", options.name, "What you call it")->required()->type_name("NAME");
  command.add_option("key", options.key, "Its key, which owrd mirror key prints there")
      ->required()
      ->type_name("ed25519:HEX");
}

Result<int> run_add(Context& context, const AddOptions& options) {
  const auto key = parse_public_key(
      options.key.find(':') == options.key.npos ? "ed25519:" + options.key : options.key);
  if (!key)
    return Error{key.error().code, key.error().message,
                 "the mirror prints it with: owrd mirror key"};
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  v1::AddMirrorRequest request;
  request.set_name(options.name);
  request.set_key(public_key_text(*key));
  const auto reply = (*daemon)->client.call<v1::AddMirrorReply>("Mirrors/Add", request);
  if (!reply) return reply.error();
  auto& output = context.output();
  output.good("pinned the mirror " + reply->mirror().name() + " (" + reply->mirror().fingerprint() +
              "): its attestations count");
  if (context.json())
    output.record(mirror_record(reply->mirror()));
  else
    output.result(reply->mirror().name());
  return 0;
}

struct LsOptions {};

void add_ls_flags(CLI::App&, LsOptions&) {}

std::vector<Cell> row_of(const v1::MirrorRecord& mirror) {
  return {mirror.name() + (mirror.is_own() ? " (this daemon)" : ""),
          mirror.fingerprint(),
          std::to_string(mirror.attestations()),
          {mirror.pinned() == 0 ? "-" : age(mirror.pinned(), std::time(nullptr)),
           mirror.pinned() == 0 ? "-" : format_time(mirror.pinned())},
          "ed25519:" + mirror.key()};
}

Result<int> run_ls(Context& context, const LsOptions&) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply =
      (*daemon)->client.call<v1::ListMirrorsReply>("Mirrors/List", v1::ListMirrorsRequest());
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"NAME"}, {"FINGERPRINT"}, {"ATTESTATIONS", true}, {"PINNED"}, {"KEY"}}, {}};
  for (const auto& mirror : reply->mirrors()) {
    if (context.json())
      output.record(mirror_record(mirror));
    else if (output.look().quiet)
      output.result(mirror.name());
    else
      table.rows.push_back(row_of(mirror));
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->mirrors().empty()) output.note("no mirror is pinned yet; owrd help mirror add");
  return 0;
}

/// Nobody is asked about what is not there.
Result<> check_pinned(Daemon& daemon, const std::string& name) {
  const auto reply =
      daemon.client.call<v1::ListMirrorsReply>("Mirrors/List", v1::ListMirrorsRequest());
  if (!reply) return reply.error();
  for (const auto& mirror : reply->mirrors())
    if (mirror.name() == name && !mirror.is_own()) return Done{};
  return Error{ErrorCode::NotFound, "no mirror \"" + name + "\" is pinned here", "owrd mirror ls"};
}

struct RmOptions {
  std::string name;
};

void add_rm_flags(CLI::App& command, RmOptions& options) {
  command.add_option("name", options.name, "What you call it")->required()->type_name("NAME");
}

Result<int> run_rm(Context& context, const RmOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  if (const auto known = check_pinned(**daemon, options.name); !known) return known.error();
  const auto is_sure = context.confirm("Remove the mirror " + options.name +
                                       "? Its attestations will not count any more.");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) {
    context.output().note("nothing removed");
    return 1;
  }
  v1::RemoveMirrorRequest request;
  request.set_name(options.name);
  const auto reply = (*daemon)->client.call<v1::RemoveMirrorReply>("Mirrors/Remove", request);
  if (!reply) return reply.error();
  context.output().good("removed the mirror " + reply->mirror().name());
  if (context.json()) context.output().record(mirror_record(reply->mirror()));
  return 0;
}

struct KeyOptions {};

void add_key_flags(CLI::App&, KeyOptions&) {}

Result<int> run_key(Context& context, const KeyOptions&) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto& key = (*daemon)->status.mirror_key();
  if (key.empty())
    return Error{ErrorCode::NotFound, "this daemon has no mirror key",
                 "owrd status   (compare its version with: owrd version)"};
  if (context.json())
    context.output().record(Json{{"key", key}, {"algorithm", "ed25519"}});
  else
    context.output().result("ed25519:" + key);
  return 0;
}

}  // namespace

void add_mirror(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"mirror", kTrustGroup, "Whose word counts that they hold a release and have hashed it",
             "owrd mirror add nord ed25519:HEX\nowrd mirror key"});
  add_command<AddOptions>(line, *group,
                          {"add", kTrustGroup, "Pin a mirror: its attestations count",
                           "owrd mirror add nord ed25519:HEX"},
                          add_add_flags, run_add);
  add_command<LsOptions>(
      line, *group,
      {"ls", kTrustGroup, "List the pinned mirrors", "owrd mirror ls\nowrd mirror ls --json"},
      add_ls_flags, run_ls)
      ->alias("list");
  add_command<RmOptions>(
      line, *group,
      {"rm", kTrustGroup, "Let a mirror's attestations not count", "owrd mirror rm nord"},
      add_rm_flags, run_rm);
  add_command<KeyOptions>(
      line, *group,
      {"key", kTrustGroup, "Print this daemon's own mirror key, for others to pin",
       "owrd mirror key"},
      add_key_flags, run_key);
}

}  // namespace owrd::cli
