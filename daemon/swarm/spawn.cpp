#include "daemon/swarm/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/system.h"

namespace owrd::swarm {
namespace {

constexpr int kChildChannel = 3;
constexpr int kChildFiles = 4;

Error failed(const std::string& what, int error) {
  return {ErrorCode::Io, "starting the swarm worker: " + what + ": " + describe_errno(error)};
}

/// Above the numbers that the child's own descriptors get, so that none overwrites another.
int move_up(int fd) {
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, 10);
  const int error = errno;
  ::close(fd);
  errno = error;
  return moved;
}

Result<> make_pair(int type, Descriptor& ours, Descriptor& theirs) {
  int fds[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0) return failed("socketpair", errno);
  ours = Descriptor(fds[0]);
  theirs = Descriptor(move_up(fds[1]));
  if (!theirs.is_open()) return failed("fcntl", errno);
  return Done{};
}

Result<> make_pipe(Descriptor& ours, Descriptor& theirs) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return failed("pipe", errno);
  ours = Descriptor(fds[0]);
  theirs = Descriptor(move_up(fds[1]));
  if (!theirs.is_open()) return failed("fcntl", errno);
  return Done{};
}

bool set_nonblocking(int fd) { return ::fcntl(fd, F_SETFL, O_NONBLOCK) == 0; }

/// What posix_spawn is told; frees itself.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void prepare(int channel, int files, int errors) {
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, errors, 1);
    posix_spawn_file_actions_adddup2(&actions_, errors, 2);
    posix_spawn_file_actions_adddup2(&actions_, channel, kChildChannel);
    posix_spawn_file_actions_adddup2(&actions_, files, kChildFiles);
    posix_spawn_file_actions_addclosefrom_np(&actions_, kChildFiles + 1);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<Spawned> spawn_worker(const std::filesystem::path& program) {
  Descriptor channel;
  Descriptor child_channel;
  Descriptor files;
  Descriptor child_files;
  Descriptor errors;
  Descriptor child_errors;
  if (auto made = make_pair(SOCK_STREAM, channel, child_channel); !made) return made.error();
  if (auto made = make_pair(SOCK_SEQPACKET, files, child_files); !made) return made.error();
  if (auto made = make_pipe(errors, child_errors); !made) return made.error();
  if (!set_nonblocking(channel.get()) || !set_nonblocking(files.get()) ||
      !set_nonblocking(errors.get()))
    return failed("fcntl", errno);

  SpawnPlan plan;
  plan.prepare(child_channel.get(), child_files.get(), child_errors.get());
  std::string name = program.string();
  std::vector<std::string> words{name, "--fd", std::to_string(kChildChannel), "--files",
                                 std::to_string(kChildFiles)};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, name.c_str(), plan.actions(), plan.attributes(), arguments.data(), environ);
  if (error != 0) {
    Error failure = failed(name, error);
    failure.hint = "install owrd-swarm beside owrdd, or name it in the configuration";
    return failure;
  }
  return Spawned{pid, channel.release(), files.release(), errors.release()};
}

bool is_crash(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return true;
  return WTERMSIG(wait_status) != SIGKILL && WTERMSIG(wait_status) != SIGTERM;
}

std::string describe_exit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    return "was ended by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace owrd::swarm
