#include "cli/private_daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "daemon/core/system.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kStartDeadline = std::chrono::seconds(30);
constexpr auto kEndDeadline = std::chrono::seconds(5);

std::string log_path(const Environment& environment) {
  return (user_state_dir(environment) / "owrdd.log").string();
}

bool is_program(const fs::path& path) {
  return ::access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path);
}

/// Everything that the child needs, made before the fork: after it, only async-signal-safe calls
/// are allowed.
struct Plan {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<char*> argv;
  std::string log;
};

constexpr int kReadyFd = 3;

Plan make_plan(const Environment& environment, const fs::path& program, const fs::path& config) {
  Plan plan{program.string(),
            {program.string(), "--private", "--ready-fd", std::to_string(kReadyFd)},
            {},
            log_path(environment)};
  if (!config.empty()) {
    plan.arguments.emplace_back("--config");
    plan.arguments.push_back(fs::absolute(config).string());
  }
  for (auto& argument : plan.arguments) plan.argv.push_back(argument.data());
  plan.argv.push_back(nullptr);
  return plan;
}

[[noreturn]] void become_daemon(const Plan& plan, int ready_fd) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  const int log = ::open(plan.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(log >= 0 ? log : null, STDERR_FILENO);
  if (ready_fd == kReadyFd)
    ::fcntl(ready_fd, F_SETFD, 0);
  else
    ::dup2(ready_fd, kReadyFd);
  ::execv(plan.program.c_str(), plan.argv.data());
  ::_exit(127);
}

/// What comes through the pipe until its first line ends or the other side closes it; nothing when
/// the time is over.
std::optional<std::string> read_line(int fd) {
  const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
  std::string line;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd event{fd, POLLIN, 0};
    if (::poll(&event, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<char, 512> buffer{};
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) return line;
    line.append(buffer.data(), static_cast<std::size_t>(count));
    if (const auto end = line.find('\n'); end != line.npos) return line.substr(0, end);
  }
}

/// Of a child that has said its last word; 1 when it does not end.
int exit_code_of(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + kEndDeadline;
  while (std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return 1;
}

/// The code that a daemon which could not start exits with.
ErrorCode code_of_exit(int exit_code) {
  for (const auto code :
       {ErrorCode::InvalidInput, ErrorCode::Corrupt, ErrorCode::NoSpace, ErrorCode::Io,
        ErrorCode::Denied, ErrorCode::Config, ErrorCode::Busy, ErrorCode::Unavailable})
    if (error_facts(code).exit_code == exit_code) return code;
  return ErrorCode::Internal;
}

Error start_error(const Environment& environment, pid_t child,
                  const std::optional<std::string>& line) {
  const auto hint = "see " + log_path(environment);
  if (!line)
    return Error{ErrorCode::Unavailable, "the private daemon did not start within 30 s", hint};
  constexpr std::string_view kError = "ERROR ";
  const bool has_said_why = line->starts_with(kError);
  return Error{
      code_of_exit(exit_code_of(child)),
      has_said_why ? line->substr(kError.size()) : "the private daemon ended while it started",
      hint};
}

}  // namespace

std::optional<fs::path> find_owrdd(const Environment& environment) {
  if (const auto named = environment("OWRD_DAEMON"); named && is_program(*named)) return *named;
  std::error_code ignored;
  const auto self = fs::read_symlink("/proc/self/exe", ignored);
  if (const auto beside = self.parent_path() / "owrdd"; is_program(beside)) return beside;
  std::string path = environment("PATH").value_or("");
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(path.substr(begin, end - begin)) / "owrdd";
    if (candidate.is_absolute() && is_program(candidate)) return candidate;
    begin = end + 1;
  }
  return std::nullopt;
}

Result<> start_private_daemon(const Environment& environment, const fs::path& config) {
  const auto program = find_owrdd(environment);
  if (!program)
    return Error{ErrorCode::Unavailable,
                 "no daemon runs, and owrdd is neither beside owrd nor in PATH",
                 "install owrdd, or name a running daemon with --host unix:///PATH"};
  std::error_code ignored;
  fs::create_directories(user_state_dir(environment), ignored);

  std::array<int, 2> ready{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0)
    return Error{ErrorCode::Io,
                 std::string("starting the private daemon: ") + describe_errno(errno)};
  const auto plan = make_plan(environment, *program, config);
  const pid_t child = ::fork();
  if (child == 0) become_daemon(plan, ready[1]);
  ::close(ready[1]);
  if (child < 0) {
    ::close(ready[0]);
    return Error{ErrorCode::Io,
                 std::string("starting the private daemon: ") + describe_errno(errno)};
  }
  const auto line = read_line(ready[0]);
  ::close(ready[0]);
  if (line == "READY") return Done{};
  return start_error(environment, child, line);
}

}  // namespace owrd::cli
