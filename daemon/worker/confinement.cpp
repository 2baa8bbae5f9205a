#include "daemon/worker/confinement.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "daemon/core/system.h"

namespace owrd::worker {
namespace {

// --- seccomp

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;
using Condition = scmp_arg_cmp;

constexpr std::uint64_t kTypeMask = 0xf;  // SOCK_CLOEXEC and SOCK_NONBLOCK are above it.
/// Flags of open(2) that make or change something. O_TMPFILE without O_DIRECTORY, which it holds.
constexpr std::uint64_t kChangingFlags = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

/// System calls that are harmless whatever their arguments are.
constexpr int kAllowed[] = {
    // Descriptors that are there.
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2), SCMP_SYS(pwritev2),
    SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(fstat),
    SCMP_SYS(fstat64), SCMP_SYS(fstatfs), SCMP_SYS(fstatfs64), SCMP_SYS(sync_file_range),
    SCMP_SYS(sync_file_range2), SCMP_SYS(fadvise64), SCMP_SYS(fadvise64_64), SCMP_SYS(readahead),
    SCMP_SYS(getdents64), SCMP_SYS(dup), SCMP_SYS(dup3),
    // Names, to look at.
    SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64), SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64), SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(statfs64), SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    // Waiting.
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2), SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall),
    // Time, and who one is.
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getcpu),
    SCMP_SYS(getrusage), SCMP_SYS(getrlimit), SCMP_SYS(ugetrlimit), SCMP_SYS(getrandom),
    // Memory and threads.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(membarrier), SCMP_SYS(futex), SCMP_SYS(futex_waitv), SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq), SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(arch_prctl), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group),
    // Sockets, once they are there.
    SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
    SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg),
    SCMP_SYS(recvmmsg), SCMP_SYS(shutdown)};

template <class Number>
Condition equals(unsigned argument, Number value) {
  return {argument, SCMP_CMP_EQ, static_cast<scmp_datum_t>(value), 0};
}

template <class Number>
Condition has_bits(unsigned argument, std::uint64_t mask, Number value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, static_cast<scmp_datum_t>(value)};
}

/// Collects rules; the first that fails is kept.
class Rules {
 public:
  explicit Rules(scmp_filter_ctx filter) : filter_(filter) {}

  void allow(int call, const std::vector<Condition>& conditions = {}) {
    add(SCMP_ACT_ALLOW, call, conditions);
  }
  void refuse(int call, int with) {
    add(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(with)), call, {});
  }
  int error() const { return error_; }

 private:
  void add(std::uint32_t action, int call, const std::vector<Condition>& conditions) {
    if (error_ != 0) return;
    error_ = -seccomp_rule_add_array(filter_, action, call,
                                     static_cast<unsigned>(conditions.size()), conditions.data());
  }

  scmp_filter_ctx filter_;
  int error_ = 0;
};

void allow_sockets(Rules& rules) {
  const std::pair<int, int> kinds[] = {{SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}};
  for (const int family : {AF_INET, AF_INET6})
    for (const auto& [type, protocol] : kinds)
      for (const int named : {0, protocol})
        rules.allow(SCMP_SYS(socket),
                    {equals(0, family), has_bits(1, kTypeMask, type), equals(2, named)});
  // The interfaces and routes of this machine.
  rules.allow(SCMP_SYS(socket), {equals(0, AF_NETLINK), equals(2, 0 /* NETLINK_ROUTE */)});
  for (const int request :
       {FIONBIO, FIONREAD, SIOCGIFNAME, SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFDSTADDR,
        SIOCGIFBRDADDR, SIOCGIFNETMASK, SIOCGIFMTU, SIOCGIFINDEX, SIOCGIFHWADDR})
    rules.allow(SCMP_SYS(ioctl), {equals(1, request)});
}

void allow_descriptors(Rules& rules) {
  rules.allow(SCMP_SYS(open), {has_bits(1, kChangingFlags, 0)});
  rules.allow(SCMP_SYS(openat), {has_bits(2, kChangingFlags, 0)});
  // Its flags lie in memory, where they cannot be seen; the C library can do without.
  rules.refuse(SCMP_SYS(openat2), ENOSYS);
  for (const int command : {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC})
    for (const int call : {SCMP_SYS(fcntl), SCMP_SYS(fcntl64)})
      rules.allow(call, {equals(1, command)});
}

/// Memory that is the process's own. Writing through a shared mapping shows in no file's time of
/// change, by which the daemon knows whether what it has hashed is still the same.
void allow_mappings(Rules& rules) {
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2)})
    rules.allow(call, {has_bits(3, MAP_SHARED, 0)});
}

void allow_threads(Rules& rules) {
  rules.allow(SCMP_SYS(clone), {has_bits(0, CLONE_THREAD, CLONE_THREAD)});
  // As for openat2.
  rules.refuse(SCMP_SYS(clone3), ENOSYS);
  // abort(3), to itself.
  rules.allow(SCMP_SYS(tgkill), {equals(0, ::getpid())});
  rules.allow(SCMP_SYS(prctl), {equals(0, PR_SET_NAME)});
  rules.allow(SCMP_SYS(prctl), {equals(0, PR_GET_NAME)});
  // Limits can be read.
  rules.allow(SCMP_SYS(prlimit64), {equals(2, 0)});
}

Result<> confine_system_calls() {
  const auto failed = [](int error) {
    return Error{ErrorCode::Io,
                 "confining the swarm worker's system calls: " + describe_errno(error)};
  };
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (!filter) return failed(ENOMEM);
  // A tree of comparisons, not a list: every system call passes through it.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  Rules rules(filter.get());
  for (const int call : kAllowed) rules.allow(call);
  allow_sockets(rules);
  allow_descriptors(rules);
  allow_mappings(rules);
  allow_threads(rules);
  if (rules.error() != 0) return failed(rules.error());
  if (const int error = -seccomp_load(filter.get()); error != 0) return failed(error);
  return Done{};
}

// --- Landlock

/// What resolving names, checking certificates and libraries that are loaded on demand read.
constexpr const char* kReadable[] = {"/etc",
                                     "/usr/lib",
                                     "/usr/lib64",
                                     "/usr/share",
                                     "/lib",
                                     "/lib64",
                                     "/run/systemd/resolve",
                                     "/run/resolvconf",
                                     "/run/NetworkManager",
                                     "/dev/urandom",
                                     "/dev/random",
                                     "/dev/null"};

constexpr std::uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/// All that the first version of Landlock knows.
constexpr std::uint64_t kFirstVersion = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

bool is_directory(const Descriptor& opened) {
  struct stat status = {};
  return ::fstat(opened.get(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool let_read(const Descriptor& ruleset, const char* path) {
  const Descriptor opened(::open(path, O_PATH | O_CLOEXEC));
  if (!opened.is_open()) return true;  // This system has no such place.
  landlock_path_beneath_attr rule{};
  rule.allowed_access = is_directory(opened) ? kReading : LANDLOCK_ACCESS_FS_READ_FILE;
  rule.parent_fd = opened.get();
  return ::syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/// The C library has no names for these system calls.
bool confine_names() {
  const auto version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = kFirstVersion | (version > 1 ? LANDLOCK_ACCESS_FS_REFER : 0);
  const Descriptor ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset.is_open()) return false;
  for (const char* path : kReadable)
    if (!let_read(ruleset, path)) return false;
  // It is often a link to somewhere else, where it is replaced by another file now and then.
  std::error_code error;
  const auto resolver = std::filesystem::canonical("/etc/resolv.conf", error);
  if (!error && !let_read(ruleset, resolver.parent_path().c_str())) return false;
  return ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
}

}  // namespace

bool can_be_confined() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

Result<std::vector<std::string>> confine() {
  std::vector<std::string> lacking;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return Error{ErrorCode::Io, "confining the swarm worker: " + describe_errno(errno)};
  if (!confine_names())
    lacking.push_back("the swarm worker can read files by name: Landlock is not to be had (" +
                      describe_errno(errno) + ")");
  if (auto confined = confine_system_calls(); !confined) return confined.error();
  return lacking;
}

}  // namespace owrd::worker
