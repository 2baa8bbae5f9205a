#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run.h"
#include "daemon/trust/key.h"
#include "tests/support/fake_daemon.h"

namespace owrd::cli {

/// A person who answers what was written down beforehand.
class FakeTerminal final : public Terminal {
 public:
  bool can_ask() const override { return is_there; }
  std::optional<std::string> read_line(bool is_secret,
                                       const std::function<void()>& meanwhile) override {
    if (meanwhile) meanwhile();
    secrets += is_secret ? 1 : 0;
    if (answers.empty()) return std::nullopt;
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }

  bool is_there = false;
  int secrets = 0;
  std::deque<std::string> answers;
};

/// A home of its own, and command lines that run in it.
class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    std::string path = (std::filesystem::temp_directory_path() / "owrd-cli-XXXXXX").string();
    home = ::mkdtemp(path.data());
    variables = {{"HOME", home.string()},
                 {"XDG_CONFIG_HOME", (home / "config").string()},
                 {"XDG_DATA_HOME", (home / "data").string()},
                 {"XDG_STATE_HOME", (home / "state").string()},
                 {"XDG_RUNTIME_DIR", (home / "run").string()},
                 {"LANG", "C.UTF-8"}};
    const auto ready = trust::initialise();
    EXPECT_TRUE(ready);
  }
  ~CliTest() override {
    daemon.reset();
    std::filesystem::remove_all(home);
  }

  /// Listens on the user's socket.
  test::FakeDaemon& start_daemon() {
    std::filesystem::remove(home / "run" / "owrd" / "owrd.sock");
    daemon = std::make_unique<test::FakeDaemon>(home / "run" / "owrd" / "owrd.sock");
    return *daemon;
  }

  /// The exit code; what was printed is in `out` and `err`.
  int run_owrd(const std::vector<std::string>& arguments) {
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    World world{out_stream, err_stream, terminal, [this](const std::string& name) {
                  const auto found = variables.find(name);
                  return found == variables.end() ? std::nullopt : std::optional(found->second);
                }};
    world.out_is_terminal = out_is_terminal;
    world.err_is_terminal = err_is_terminal;
    const int exit_code = run(arguments, world);
    out = out_stream.str();
    err = err_stream.str();
    return exit_code;
  }

  /// The records of --json.
  std::vector<nlohmann::json> records() const {
    std::vector<nlohmann::json> all;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto path = home / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  bool was_called(const std::string& method) const {
    for (const auto& call : daemon->calls())
      if (call.method == method) return true;
    return false;
  }
  bool says(const std::string& part) const { return err.find(part) != err.npos; }
  bool prints(const std::string& part) const { return out.find(part) != out.npos; }

  /// The last line of standard error, as the record that --json promises.
  nlohmann::json last_error() const {
    const auto end = err.find_last_not_of('\n');
    const auto begin = err.rfind('\n', end);
    return nlohmann::json::parse(err.substr(begin == err.npos ? 0 : begin + 1), nullptr, false);
  }

  std::filesystem::path home;
  std::map<std::string, std::string> variables;
  FakeTerminal terminal;
  std::unique_ptr<test::FakeDaemon> daemon;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::string out;
  std::string err;
};

}  // namespace owrd::cli
