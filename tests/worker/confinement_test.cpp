#include "daemon/worker/confinement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/io_uring.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "daemon/core/system.h"

namespace owrd::worker {
namespace {

constexpr int kNotConfined = 250;

/// Runs things in a child that has confined itself.
class Confined : public ::testing::Test {
 protected:
  Confined() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "owrd-confined-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    file_ = (root_ / "file").string();
    std::ofstream(file_) << "ours";
  }
  ~Confined() override { std::filesystem::remove_all(root_); }

  void SetUp() override {
    if (!can_be_confined()) GTEST_SKIP() << "a build for a sanitizer cannot be confined";
  }

  /// What `act` returns, of which a byte is left; -1 when the child did not live to say it.
  static int in_child(const std::function<int()>& act) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(act());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  static int in_confinement(const std::function<int()>& act) {
    return in_child([&] { return confine() ? act() : kNotConfined; });
  }

  /// 0 when the call succeeds, else the errno.
  static int error_of(long result) { return result < 0 ? errno : 0; }
  static void expect_refused(const char* what, const std::function<long()>& call) {
    SCOPED_TRACE(what);
    EXPECT_EQ(in_confinement([&] { return error_of(call()); }), EPERM);
  }

  std::filesystem::path root_;
  std::string file_;
};

TEST_F(Confined, OpensNothingForWriting) {
  const std::string fresh = (root_ / "new").string();
  expect_refused("open", [&] { return ::open(file_.c_str(), O_WRONLY); });
  expect_refused("openat", [&] { return ::openat(AT_FDCWD, file_.c_str(), O_RDWR); });
  expect_refused("append", [&] { return ::open(file_.c_str(), O_WRONLY | O_APPEND); });
  expect_refused("truncate by reading", [&] { return ::open(file_.c_str(), O_RDONLY | O_TRUNC); });
  expect_refused("create", [&] { return ::open(fresh.c_str(), O_RDONLY | O_CREAT, 0600); });
  expect_refused("O_TMPFILE", [&] { return ::open(root_.c_str(), O_TMPFILE | O_RDWR, 0600); });
  expect_refused("creat", [&] { return ::creat(fresh.c_str(), 0600); });
  expect_refused("truncate", [&] { return ::truncate(file_.c_str(), 0); });
  expect_refused("a descriptor's own name", [&] { return ::open("/proc/self/fd/0", O_RDWR); });
  EXPECT_EQ(in_confinement([&] {
              long how[3] = {O_RDWR | O_CREAT, 0600, 0};
              return error_of(::syscall(SYS_openat2, AT_FDCWD, fresh.c_str(), how, sizeof how));
            }),
            ENOSYS);
  EXPECT_FALSE(std::filesystem::exists(fresh));
  EXPECT_EQ(std::filesystem::file_size(file_), 4U);
}

TEST_F(Confined, SharesNoMemoryWithFiles) {
  const Descriptor given(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
  expect_refused("a shared mapping", [&] {
    void* const memory = ::mmap(nullptr, 4, PROT_WRITE, MAP_SHARED, given.get(), 0);
    return memory == MAP_FAILED ? -1L : 0L;
  });
}

TEST_F(Confined, ChangesNoNames) {
  expect_refused("unlink", [&] { return ::unlink(file_.c_str()); });
  expect_refused("rename", [&] { return ::rename(file_.c_str(), (file_ + "2").c_str()); });
  expect_refused("link", [&] { return ::link(file_.c_str(), (file_ + "2").c_str()); });
  expect_refused("symlink", [&] { return ::symlink("x", (file_ + "2").c_str()); });
  expect_refused("mkdir", [&] { return ::mkdir((file_ + "2").c_str(), 0700); });
  expect_refused("chmod", [&] { return ::chmod(file_.c_str(), 0777); });
}

TEST_F(Confined, StartsAndTouchesNoProcess) {
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  char* const nothing[] = {nullptr};
  expect_refused("execve", [&] { return ::execve(program, arguments, nothing); });
  expect_refused("execveat",
                 [&] { return ::syscall(SYS_execveat, AT_FDCWD, program, arguments, nothing, 0); });
  expect_refused("fork", [] { return ::fork(); });
  expect_refused("ptrace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); });
  expect_refused("kill", [] { return ::kill(::getppid(), 0); });
  expect_refused("memory of another", [] {
    return ::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0);
  });
  expect_refused("io_uring", [] {
    io_uring_params params{};
    return ::syscall(SYS_io_uring_setup, 1, &params);
  });
}

TEST_F(Confined, HasNoSocketsButThoseOfTheInternet) {
  expect_refused("a Unix socket to listen on", [] {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) return -1;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;  // Without a name the kernel chooses one.
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(sa_family_t)) != 0)
      return -1;
    return ::listen(fd, 1);
  });
  expect_refused("a pair of them", [] {
    int ends[2];
    return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  });
  expect_refused("MPTCP", [] { return ::socket(AF_INET, SOCK_STREAM, 262); });
  expect_refused("SCTP", [] { return ::socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP); });
  expect_refused("raw packets", [] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_TCP); });
  expect_refused("packets of all kinds", [] { return ::socket(AF_PACKET, SOCK_DGRAM, 0); });
}

TEST_F(Confined, ReadsNobodysFilesByName) {
  const bool lacks_nothing = in_child([] { return confine()->empty() ? 1 : 0; }) == 1;
  if (!lacks_nothing) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(in_confinement([&] { return error_of(::open(file_.c_str(), O_RDONLY)); }), EACCES);
  EXPECT_EQ(in_confinement([&] { return error_of(::open("/proc/self/environ", O_RDONLY)); }),
            EACCES);
  EXPECT_EQ(in_confinement([&] { return error_of(::open("/etc/hosts", O_RDONLY)); }), 0);
}

TEST_F(Confined, DoesItsWork) {
  const Descriptor given(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(in_confinement([&] {
              iovec part{const_cast<char*>("that"), 4};
              return error_of(::pwritev(given.get(), &part, 1, 0));
            }),
            0)
      << "writes what it was given";
  EXPECT_EQ(in_confinement([] {
              const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
              sockaddr_in address{};
              address.sin_family = AF_INET;
              address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
              if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
                return errno;
              return error_of(::listen(fd, 5));
            }),
            0)
      << "listens for peers";
  EXPECT_EQ(in_confinement([] {
              int answer = 1;
              std::thread([&] { answer = 0; }).join();
              return answer;
            }),
            0)
      << "has threads";
  EXPECT_EQ(in_confinement([] {
              addrinfo* found = nullptr;
              return ::getaddrinfo("localhost", "80", nullptr, &found) == 0 ? 0 : 1;
            }),
            0)
      << "resolves names";
  std::ifstream written(file_);
  std::string text;
  written >> text;
  EXPECT_EQ(text, "that");
}

}  // namespace
}  // namespace owrd::worker
