#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "daemon/worker/worker.h"

namespace {

/// The number after --fd, or -1.
int parse_arguments(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--fd") return -1;
  const std::string_view text = argv[2];
  int fd = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), fd);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? fd : -1;
}

/// What happens to the process is the daemon's to decide: a Ctrl-C at the terminal reaches the
/// whole process group, and a daemon that dies must not leave it behind. It writes no core: one
/// would hold hundreds of megabytes of other people's weights and delay the restart.
void set_up_process() {
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

int main(int argc, char** argv) {
  const int fd = parse_arguments(argc, argv);
  if (fd < 0) {
    std::cerr << "owrd-swarm is started by owrdd; usage: owrd-swarm --fd NUMBER\n";
    return EXIT_FAILURE;
  }
  set_up_process();
  try {
    boost::asio::io_context loop(1);
    const owrd::worker::Worker worker(loop, fd);
    loop.run();
  } catch (const std::exception& error) {
    std::cerr << "owrd-swarm: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
