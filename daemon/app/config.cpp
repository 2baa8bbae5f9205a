#include "daemon/app/config.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "daemon/app/config_values.h"
#include "daemon/core/suggest.h"
#include "daemon/core/system.h"
#include "daemon/core/text.h"

namespace owrd::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 1 << 20;

/// One key of owrd.toml.
struct Key {
  std::string section;
  std::string name;
  bool is_live;  ///< A reload suffices.
  std::function<Problem(const toml::node&, Config&)> read;
  std::function<bool(const Config&, const Config&)> is_same;

  std::string full_name() const { return section + "." + name; }
};

constexpr bool kLive = true;
constexpr bool kAtStart = false;

// `field` gives the field of a Config, constant or not; `read(value, field)` gives a Problem.
template <class Field, class Read>
Key key(const char* section, const char* name, bool is_live, Field field, Read read) {
  return {section, name, is_live,
          [=](const toml::node& value, Config& config) { return read(value, field(config)); },
          [=](const Config& a, const Config& b) { return field(a) == field(b); }};
}

template <class Field>
Key key(const char* section, const char* name, bool is_live, Field field) {
  return key(section, name, is_live, field,
             [](const toml::node& value, auto& out) { return read_value(value, out); });
}

auto count(std::uint32_t low, std::uint32_t high) {
  return [=](const toml::node& value, std::uint32_t& out) {
    return read_count(value, low, high, out);
  };
}

std::vector<Key> make_keys() {
  return {
      key(
          "store", "path", kAtStart, [](auto& c) -> auto& { return c.store.path; }),
      key(
          "store", "reserve_free", kLive, [](auto& c) -> auto& { return c.store.reserve_free; }),

      key(
          "network", "listen", kAtStart, [](auto& c) -> auto& { return c.network.listen; },
          read_listen),
      key(
          "network", "dht", kAtStart, [](auto& c) -> auto& { return c.network.dht; }),
      key(
          "network", "lsd", kAtStart, [](auto& c) -> auto& { return c.network.lsd; }),
      key(
          "network", "pex", kAtStart, [](auto& c) -> auto& { return c.network.pex; }),
      key(
          "network", "upnp", kAtStart, [](auto& c) -> auto& { return c.network.upnp; }),
      key(
          "network", "encryption", kAtStart, [](auto& c) -> auto& { return c.network.encryption; }),
      key(
          "network", "profile", kAtStart, [](auto& c) -> auto& { return c.network.profile; }),
      key(
          "network", "dht_bootstrap", kAtStart,
          [](auto& c) -> auto& { return c.network.dht_bootstrap; }, read_bootstrap),

      key(
          "limits", "down", kLive, [](auto& c) -> auto& { return c.limits.down_bytes_per_s; },
          read_rate),
      key(
          "limits", "up", kLive, [](auto& c) -> auto& { return c.limits.up_bytes_per_s; },
          read_rate),
      key(
          "limits", "peers", kLive, [](auto& c) -> auto& { return c.limits.peers; },
          count(1, 100000)),

      key(
          "seed", "ratio", kLive, [](auto& c) -> auto& { return c.seed.ratio_permille; },
          read_permille),
      key(
          "seed", "time", kLive, [](auto& c) -> auto& { return c.seed.time; }),
      key(
          "seed", "on_complete", kLive, [](auto& c) -> auto& { return c.seed.on_complete; }),
      key(
          "seed", "superseed", kAtStart, [](auto& c) -> auto& { return c.seed.superseed; }),

      key(
          "attest", "auto", kLive, [](auto& c) -> auto& { return c.attest.every; }),
      key(
          "attest", "name", kLive, [](auto& c) -> auto& { return c.attest.name; }, read_line),
      key(
          "trust", "require_attestations", kLive,
          [](auto& c) -> auto& { return c.trust.require_attestations; }, count(0, 64)),
      key(
          "trust", "attested_by", kLive, [](auto& c) -> auto& { return c.trust.attested_by; },
          read_petnames),

      key(
          "control", "socket", kAtStart, [](auto& c) -> auto& { return c.control.socket; }),
      key(
          "control", "socket_ro", kAtStart, [](auto& c) -> auto& { return c.control.socket_ro; },
          read_optional_path),
      key(
          "control", "group", kAtStart, [](auto& c) -> auto& { return c.control.group; },
          read_group),
      key(
          "control", "max_message", kAtStart,
          [](auto& c) -> auto& { return c.control.max_message_bytes; }, read_message_size),
      key(
          "control", "max_streams", kAtStart,
          [](auto& c) -> auto& { return c.control.max_streams; }, count(1, 10000)),

      key(
          "log", "level", kLive, [](auto& c) -> auto& { return c.log.level; }),
      key(
          "log", "format", kAtStart, [](auto& c) -> auto& { return c.log.format; }),
  };
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = make_keys();
  return all;
}

const Key* find_key(std::string_view section, std::string_view name) {
  for (const auto& key : keys())
    if (key.section == section && key.name == name) return &key;
  return nullptr;
}

Error error_at(std::string_view file, const toml::source_position& position,
               const std::string& what, const std::string& hint = {}) {
  return {ErrorCode::Config,
          std::string(file) + ":" + std::to_string(position.line) + ":" +
              std::to_string(position.column) + ": " + what,
          hint};
}

Error unknown(std::string_view file, const toml::key& name, const std::string& what,
              const std::vector<std::string_view>& known) {
  const auto meant = nearest(name.str(), known);
  std::string hint = meant ? "did you mean \"" + *meant + "\"?" : "known are:";
  if (!meant)
    for (const auto& other : known) hint += " " + std::string(other);
  return error_at(file, name.source().begin, what, hint);
}

std::vector<std::string_view> section_names() {
  std::vector<std::string_view> names;
  for (const auto& key : keys())
    if (names.empty() || names.back() != key.section) names.push_back(key.section);
  return names;
}

std::vector<std::string_view> key_names(std::string_view section) {
  std::vector<std::string_view> names;
  for (const auto& key : keys())
    if (key.section == section) names.push_back(key.name);
  return names;
}

// The parser may quote the file's own bytes; no control character of theirs may reach a terminal or
// a log.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; },
      '?');
  return out;
}

Result<> read_section(std::string_view file, const std::string& section, const toml::table& table,
                      Config& config) {
  for (const auto& [name, value] : table) {
    const Key* found = find_key(section, name.str());
    if (!found)
      return unknown(file, name,
                     "unknown key " + owrd::quoted(name.str()) + " in [" + section + "]",
                     key_names(section));
    if (const auto problem = found->read(value, config); !problem.empty())
      return error_at(file, value.source().begin, found->full_name() + " " + problem);
  }
  return Done{};
}

Result<toml::table> parse_toml(std::string_view text, std::string_view file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return error_at(file, error.source().begin, printable(error.description()));
  }
}

Error unreadable(const fs::path& file, int number) {
  return {ErrorCode::Config, "could not read " + file.string() + ": " + describe_errno(number),
          "check that it exists and who may read it: ls -l " + file.string()};
}

Result<std::string> read_file(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(file, errno);
  std::string text(kMaxFileBytes + 1, '\0');
  std::size_t length = 0;
  ssize_t count = 0;
  while (length < text.size() &&
         (count = ::read(descriptor, text.data() + length, text.size() - length)) != 0) {
    if (count < 0 && errno != EINTR) break;
    if (count > 0) length += static_cast<std::size_t>(count);
  }
  const int number = errno;
  ::close(descriptor);
  if (count < 0) return unreadable(file, number);
  if (length > kMaxFileBytes)
    return Error{ErrorCode::Config, file.string() + ": longer than 1 MiB"};
  text.resize(length);
  return text;
}

Result<> apply_environment(const Environment& environment, Config& config) {
  const auto check = [](const char* name, const Problem& problem) -> Result<> {
    if (problem.empty()) return Done{};
    return Error{ErrorCode::Config, std::string("in the environment: ") + name + " " + problem};
  };
  if (const auto path = environment("OWRD_STORE"); path && !path->empty())
    if (const auto good = check("OWRD_STORE", parse_path(*path, config.store.path)); !good)
      return good;
  if (const auto level = environment("OWRD_LOG"); level && !level->empty())
    if (const auto good = check("OWRD_LOG", parse_level(*level, config.log.level)); !good)
      return good;
  return Done{};
}

}  // namespace

std::uint64_t reserve_bytes(const ReserveFree& reserve, std::uint64_t file_system_bytes) {
  if (reserve.permille == 0) return reserve.bytes;
  return file_system_bytes / 1000 * reserve.permille;
}

Config default_config(Instance instance, const Environment& environment) {
  Config config;
  config.store.path = store_dir(instance, environment);
  config.control.socket = socket_path(instance, environment);
  config.control.socket_ro = readonly_socket_path(instance, environment);
  if (instance == Instance::System) {
    config.network.profile = Profile::Server;
    config.control.group = "owrd";
  }
  return config;
}

Result<Config> parse_config(std::string_view text, std::string_view file_name, Config base) {
  const auto table = parse_toml(text, file_name);
  if (!table) return table.error();
  for (const auto& [name, value] : *table) {
    const auto sections = section_names();
    const std::string section(name.str());
    if (std::find(sections.begin(), sections.end(), section) == sections.end())
      return unknown(file_name, name, "unknown section " + owrd::quoted(section), sections);
    const auto* content = value.as_table();
    if (!content)
      return error_at(file_name, value.source().begin,
                      section + " is a section: write [" + section + "] and its keys below");
    if (const auto read = read_section(file_name, section, *content, base); !read)
      return read.error();
  }
  return base;
}

Result<Config> load_config(const ConfigSources& sources) {
  const auto files = config_files(sources);
  if (!files) return files.error();
  Config config = default_config(sources.instance, sources.environment);
  for (const auto& file : *files) {
    const auto text = read_file(file);
    if (!text) return text.error();
    auto parsed = parse_config(*text, file.string(), std::move(config));
    if (!parsed) return parsed.error();
    config = std::move(*parsed);
  }
  if (const auto applied = apply_environment(sources.environment, config); !applied)
    return applied.error();
  for (const auto& socket : {config.control.socket, config.control.socket_ro})
    if (!socket.empty())
      if (const auto fits = check_socket_path(socket); !fits) return fits.error();
  return config;
}

std::vector<std::string> changed_needing_restart(const Config& old, const Config& now) {
  std::vector<std::string> changed;
  for (const auto& key : keys())
    if (!key.is_live && !key.is_same(old, now)) changed.push_back(key.full_name());
  return changed;
}

}  // namespace owrd::app
