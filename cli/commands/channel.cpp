#include <ctime>

#include "cli/command.h"
#include "cli/name_records.h"
#include "cli/wording.h"
#include "daemon/core/ref.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct SetOptions {
  std::string channel;
  std::string version;
};

void add_channel_argument(CLI::App& command, std::string& channel) {
  command.add_option("channel", channel, "PUBLISHER/MODEL:CHANNEL, such as acme/atlas:stable")
      ->required()
      ->type_name("CHANNEL");
}

void add_set_flags(CLI::App& command, SetOptions& options) {
  add_channel_argument(command, options.channel);
  command.add_option("version", options.version, "The version that it names from here on")
      ->required()
      ->type_name("VERSION");
}

void add_rm_flags(CLI::App& command, SetOptions& options) {
  add_channel_argument(command, options.channel);
}

Result<v1::SetChannelRequest> request_of(const SetOptions& options) {
  const auto ref = parse_ref(options.channel);
  if (!ref) return ref.error();
  if (ref->publisher.empty() || ref->label.empty() || ref->release_id)
    return Error{ErrorCode::InvalidInput, options.channel + ": expected PUBLISHER/MODEL:CHANNEL",
                 "owrd channel set acme/atlas:stable 1.2.0"};
  v1::SetChannelRequest request;
  request.set_publisher(ref->publisher);
  request.set_model(ref->model);
  request.set_channel(ref->label);
  request.set_version(options.version);
  return request;
}

Result<v1::SetChannelReply> set_channel(Context& context, const SetOptions& options) {
  const auto request = request_of(options);
  if (!request) return request.error();
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  return (*daemon)->client.call<v1::SetChannelReply>("Publishers/SetChannel", *request);
}

std::string name_of(const v1::ChannelRecord& channel) {
  return channel.petname() + "/" + channel.model() + ":" + channel.channel();
}

void print(Context& context, const v1::SetChannelReply& reply) {
  auto& output = context.output();
  if (context.json()) {
    auto record = channel_record(reply.channel());
    record["before"] = reply.before();
    output.record(record);
  } else if (output.look().quiet) {
    output.result(name_of(reply.channel()));
  } else {
    output.result(name_of(reply.channel()) + "\t" + reply.channel().version());
  }
}

Result<int> run_set(Context& context, const SetOptions& options) {
  const auto reply = set_channel(context, options);
  if (!reply) return reply.error();
  const auto& before = reply->before();
  context.output().good(name_of(reply->channel()) + " names " + reply->channel().version() +
                        (before.empty() ? "" : ", and named " + before + " before"));
  if (reply->channel().channel() == "latest")
    context.output().warning(name_of(reply->channel()) +
                             " does not follow the newest version any more. To let it again:  owrd "
                             "channel rm " +
                             name_of(reply->channel()));
  print(context, *reply);
  return 0;
}

Result<int> run_rm(Context& context, const SetOptions& options) {
  const auto reply = set_channel(context, options);
  if (!reply) return reply.error();
  context.output().good("removed the channel " + name_of(reply->channel()) +
                        (reply->before().empty() ? "" : ", which named " + reply->before()));
  if (context.json()) print(context, *reply);
  return 0;
}

struct LsOptions {
  std::string name;
};

void add_ls_flags(CLI::App& command, LsOptions& options) {
  command.add_option("name", options.name, "PUBLISHER or PUBLISHER/MODEL (default: all)")
      ->type_name("NAME");
}

std::vector<Cell> row_of(const v1::ChannelRecord& channel) {
  const bool is_set = channel.set() != 0;
  return {name_of(channel),
          channel.version(),
          {is_set ? age(channel.set(), std::time(nullptr)) : "the newest version",
           is_set ? format_time(channel.set()) : ""},
          channel.release_id()};
}

Result<int> run_ls(Context& context, const LsOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::ListChannelsRequest request;
  request.set_name(options.name);
  const auto reply = (*daemon)->client.call<v1::ListChannelsReply>("Names/Channels", request);
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"CHANNEL"}, {"VERSION"}, {"SET"}, {"RELEASE ID"}}, {}};
  for (const auto& channel : reply->channels()) {
    if (context.json())
      output.record(channel_record(channel));
    else if (output.look().quiet)
      output.result(name_of(channel));
    else
      table.rows.push_back(row_of(channel));
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->channels().empty()) output.note("no channels here; owrd release ls");
  return 0;
}

}  // namespace

void add_channel(CommandLine& line) {
  CLI::App* group =
      add_group(line, {"channel", kPublishGroup, "Names that point to a version, such as stable",
                       "owrd channel set acme/atlas:stable 1.2.0\nowrd channel ls acme/atlas"});
  add_command<SetOptions>(line, *group,
                          {"set", kPublishGroup, "Let a channel of yours name a version",
                           "owrd channel set acme/atlas:stable 1.2.0"},
                          add_set_flags, run_set);
  add_command<SetOptions>(
      line, *group,
      {"rm", kPublishGroup, "Remove a channel of yours", "owrd channel rm acme/atlas:stable"},
      add_rm_flags, run_rm);
  add_command<LsOptions>(line, *group,
                         {"ls", kPublishGroup, "List channels and the versions that they name",
                          "owrd channel ls\nowrd channel ls acme/atlas --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
}

}  // namespace owrd::cli
