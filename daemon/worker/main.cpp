#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/worker/confinement.h"
#include "daemon/worker/link.h"
#include "daemon/worker/session_settings.h"
#include "daemon/worker/worker.h"

namespace {

struct Arguments {
  int channel;
  int files;
};

int parse_descriptor(std::string_view text) {
  int fd = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), fd);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? fd : -1;
}

std::optional<Arguments> parse_arguments(int argc, char** argv) {
  const std::vector<std::string_view> words(argv, argv + argc);
  if (words.size() != 5 || words[1] != "--fd" || words[3] != "--files") return std::nullopt;
  const Arguments arguments{parse_descriptor(words[2]), parse_descriptor(words[4])};
  if (arguments.channel < 0 || arguments.files < 0) return std::nullopt;
  return arguments;
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
  owrd::worker::raise_descriptor_limit();
}

/// False when it must not go on.
bool confine_process() {
  if (!owrd::worker::can_be_confined()) {
    owrd::worker::log("the swarm worker is not confined: this is a build for a sanitizer");
    return true;
  }
  const auto lacking = owrd::worker::confine();
  if (!lacking) {
    owrd::worker::log(lacking.error().message);
    return false;
  }
  for (const auto& sentence : *lacking) owrd::worker::log(sentence);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse_arguments(argc, argv);
  if (!arguments) {
    std::cerr << "owrd-swarm is started by owrdd; usage: owrd-swarm --fd NUMBER --files NUMBER\n";
    return EXIT_FAILURE;
  }
  set_up_process();
  if (!confine_process()) return EXIT_FAILURE;
  try {
    boost::asio::io_context loop(1);
    const owrd::worker::Worker worker(loop, arguments->channel, arguments->files);
    loop.run();
  } catch (const std::exception& error) {
    std::cerr << "owrd-swarm: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
