#include "cli/help.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "cli/command.h"
#include "cli/usage.h"

namespace owrd::cli {
namespace {

constexpr std::size_t kNameColumns = 26;
constexpr std::size_t kTextColumns = 96;

/// The text, broken at spaces, each further line indented by `indent`.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string result;
  std::size_t used = indent;
  for (std::string word; words >> word;) {
    if (!result.empty() && used + 1 + word.size() > kTextColumns) {
      result += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (!result.empty()) {
      result += ' ';
      ++used;
    }
    result += word;
    used += word.size();
  }
  return result;
}

void append_row(std::string& out, const std::string& name, const std::string& text) {
  out += "  " + name;
  if (name.size() + 2 >= kNameColumns)
    out += "\n" + std::string(kNameColumns, ' ');
  else
    out += std::string(kNameColumns - name.size() - 2, ' ');
  out += wrapped(text, kNameColumns) + "\n";
}

void append_examples(std::string& out, const CLI::App& command) {
  out += "EXAMPLES\n";
  std::istringstream lines(command.get_footer());
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) out += "  " + line + "\n";
}

bool is_positional(const CLI::Option* option) { return option->get_positional(); }

/// "FILE", without what CLI11 adds about allowed values.
std::string value_of(const CLI::Option& option) {
  const auto type = option.get_type_name();
  return type.substr(0, type.find(":{"));
}

/// "[SOURCE]..."
std::string usage_of(const CLI::Option& option) {
  auto name = value_of(option);
  if (option.get_items_expected_max() > 1) name += "...";
  return option.get_required() ? name : "[" + name + "]";
}

void append_usage(std::string& out, const CLI::App& command) {
  out += "\nUSAGE\n  " + full_name(command);
  if (!verbs_of(command).empty()) {
    out += " COMMAND\n";
    return;
  }
  for (const CLI::Option* option : command.get_options(is_positional))
    out += " " + usage_of(*option);
  out += " [OPTIONS]\n";
}

void append_commands(std::string& out, const CLI::App& command) {
  for (const char* group : {kReleaseGroup, kJudgeGroup, kPublishGroup, kTrustGroup, kOtherGroup}) {
    const auto verbs = command.get_subcommands(
        [group](const CLI::App* verb) { return verb->get_group() == group; });
    if (verbs.empty()) continue;
    std::string heading = group;
    std::transform(heading.begin(), heading.end(), heading.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    out += "\n" + heading + "\n";
    for (const CLI::App* verb : verbs) {
      auto name = verb->get_name();
      for (const auto& alias : verb->get_aliases()) name += ", " + alias;
      append_row(out, name, verb->get_description());
    }
  }
}

void append_options(std::string& out, const CLI::App& command, const std::string& heading) {
  const auto options = command.get_options([](const CLI::Option* option) {
    return !option->get_positional() && !option->get_group().empty();
  });
  const bool is_root = command.get_parent() == nullptr;
  if (options.empty() && !is_root) return;
  out += "\n" + heading + "\n";
  for (const CLI::Option* option : options) {
    auto name = option->get_name(/*positional=*/false, /*all_options=*/true);
    if (const auto comma = name.find(','); comma != name.npos) name.insert(comma + 1, " ");
    if (option->get_items_expected_max() > 0) name += " " + value_of(*option);
    append_row(out, name, option->get_description());
  }
  if (is_root) append_row(out, "-h, --help", "Show the help of a command");
}

void append_arguments(std::string& out, const CLI::App& command) {
  const auto arguments = command.get_options(is_positional);
  if (arguments.empty()) return;
  out += "\nARGUMENTS\n";
  for (const CLI::Option* argument : arguments)
    append_row(out, value_of(*argument), argument->get_description());
}

const CLI::App& root_of(const CLI::App& command) {
  const CLI::App* app = &command;
  while (app->get_parent() != nullptr) app = app->get_parent();
  return *app;
}

struct Topic {
  const char* name;
  const char* text;
};

constexpr std::array kTopics = {Topic{"exit-codes",
                                      R"(EXIT CODES
    0  ok             done, and verified
    1  failure        not classified
    2  partial        several were named, some failed
    3  not-running    owrd status: no daemon runs
   10  untrusted      unknown publisher, or a key that is not trusted
   11  bad-signature  a signature, a pinned digest or a version rule is violated
   12  bad-content    bytes differ from what was signed
   13  not-found      no such publisher, model, label, key or file
   14  no-sources     --timeout, and nobody to fetch from; may work later
   15  no-space       not enough room on the disk
   16  not-accepted   the terms of the release want to be accepted, and were not
   17  unsafe         the audit refuses it: it could execute code, or holds secrets
   64  usage          a bad flag or ref, or a question that nobody could be asked
   69  unavailable    the daemon or a server cannot be reached
   74  io             reading or writing failed
   75  tempfail       somebody else holds it; try again later
   77  noperm         the system's or the socket's permissions
   78  config         the configuration is wrong
  130  signal         interrupted (SIGINT)
  143  signal         terminated (SIGTERM)

Any other code that is not 0 is a failure; codes may be added.
)"},
                                Topic{"environment",
                                      R"(ENVIRONMENT
  OWRD_HOST              which daemon, as --host
  OWRD_PROGRESS          how to show progress, as --progress
  OWRD_CONFIG            the owrd.toml of a private daemon
  OWRD_DAEMON            the owrdd to start as a private daemon (else the one beside owrd or in PATH)
  NO_COLOR               when not empty, no colours; also TERM=dumb
  FORCE_COLOR            when not empty, colours even through a pipe
  CREDENTIALS_DIRECTORY  its file owrd-passphrase opens the signing key (systemd LoadCredential)
  HTTPS_PROXY, NO_PROXY  for .owr and .owrp files that are fetched over HTTPS
  SSL_CERT_FILE          certificates of those who vouch for HTTPS servers (else the system's)
  XDG_CONFIG_HOME        keys are in owrd/keys/ under it (else ~/.config)
  XDG_DATA_HOME          the store of a private daemon is in owrd/ under it (else ~/.local/share)
  XDG_STATE_HOME         the log of a private daemon is in owrd/ under it (else ~/.local/state)
  XDG_RUNTIME_DIR        the daemon's sockets are in owrd/ under it

Which daemon a command uses: the one that --host or OWRD_HOST names; else the user's; else the
system's; else a private one, which it starts and which ends with the command.
)"},
                                Topic{"refs",
                                      R"(REFS
  acme/atlas             publisher and model: what the channel latest names, else the newest version
  acme/atlas:stable      a channel: what its publisher lets it name
  acme/atlas:1.2.0       a version; acme/atlas@1.2.0 is accepted too
  acme/atlas:1           the newest 1.x
  acme/atlas:1.2.0@sha256:HEX
                         and its release id, which must match
  @sha256:HEX            a release id alone
  9f2c41d07be3           at least 12 digits of one, for releases that are here

Versions are SemVer; one such as 2.0.0-rc.1 is chosen only by those who say so. Names are looked up in
the feeds of the pinned publishers: owrd release ls, owrd search. What a name stood for is printed with
its release id, and stays what it is when you write that.

The publisher is the petname under which you pinned it. owrd get also takes
  magnet:?xt=urn:btmh:…  a magnet link
  FILE.owr               a release's bundle: root, manifest and hints where to find it
  https://…/FILE.owr     the same over HTTPS
All of them are believed only as far as the signatures of a pinned publisher go.
)"},
                                Topic{"formats",
                                      R"(FORMATS
Standard output carries data, standard error talk: notes, progress, questions, errors.

Tables are aligned, with a header, on a terminal. Through a pipe they are tab-separated lines without
a header, sizes in bytes and times in RFC 3339 (UTC). With -q only ids or paths are printed.

--json prints records, one on a line. Numbers are numbers (sizes in bytes, rates in bytes a second),
times RFC 3339, ids hexadecimal. Commands that take their time print several, told apart by "type":
plan, hashing, progress, done, stopped, verified, source, publisher, draft. An error is the last line of standard error:
  {"type":"error","code":10,"name":"untrusted","message":"…","hint":"…"}
Fields are only ever added, and words such as states may be; ignore what you do not know.

.owr and .owrp files begin with the line owrd-bundle-1. They hold signed things and hints, and are
not signed themselves. So does a .root: a publisher's root that is still to be signed by some.
)"}};

}  // namespace

std::string render_help(const CLI::App& command) {
  std::string out;
  append_examples(out, command);
  append_usage(out, command);
  out += "\n" + wrapped(command.get_description() + ".", 0) + "\n";
  append_commands(out, command);
  append_arguments(out, command);
  if (command.get_parent() != nullptr) append_options(out, command, "OPTIONS");
  append_options(out, root_of(command), "GLOBAL OPTIONS");
  out += "\nSEE ALSO\n  owrd help TOPIC, where TOPIC is a command or one of:";
  for (const auto& topic : kTopics) out += std::string(" ") + topic.name;
  return out + "\n";
}

std::string render_short_help(const CLI::App& root) {
  std::string out = wrapped(root.get_description() + ".", 0) + "\n\n";
  append_examples(out, root);
  append_commands(out, root);
  return out + "\nowrd help COMMAND says more.\n";
}

std::vector<std::string> help_topics() {
  std::vector<std::string> names;
  for (const auto& topic : kTopics) names.emplace_back(topic.name);
  return names;
}

std::optional<std::string> help_topic(const std::string& name) {
  for (const auto& topic : kTopics)
    if (topic.name == name) return topic.text;
  return std::nullopt;
}

}  // namespace owrd::cli
