// owrdd: the open-weight release daemon.

#include <unistd.h>

#include <exception>
#include <iostream>
#include <string>

#include "daemon/app/config.h"
#include "daemon/app/daemon.h"
#include "daemon/app/options.h"
#include "daemon/core/system.h"

namespace {

using owrd::Error;

/// To whoever started the daemon; nobody is there when the pipe is closed, and then it does not
/// matter.
void tell(const owrd::app::Options& options, std::string line) {
  if (!options.ready_fd) return;
  line += '\n';
  [[maybe_unused]] const auto written = ::write(*options.ready_fd, line.data(), line.size());
  ::close(*options.ready_fd);
}

int fail(const owrd::app::Options& options, const Error& error) {
  std::cerr << "error: " << error.message << '\n';
  if (!error.hint.empty()) std::cerr << "  hint: " << error.hint << '\n';
  tell(options, "ERROR " + error.message);
  return owrd::error_facts(error.code).exit_code;
}

int run(int argc, char** argv) {
  const auto options = owrd::app::parse_options(argc, argv);
  if (!options) return fail({}, options.error());
  if (options->show_help) {
    std::cout << owrd::app::usage();
    return 0;
  }
  if (options->show_version) {
    std::cout << "owrdd " OWRD_VERSION "\n";
    return 0;
  }
  auto config = owrd::app::load_config({options->instance, options->config});
  if (!config) return fail(*options, config.error());
  if (options->store) config->store.path = *options->store;
  if (options->check_config) {
    std::cout << "the configuration is valid\n";
    return 0;
  }
  const auto ended = owrd::app::run_daemon(*options, *config, [&] { tell(*options, "READY"); });
  return ended ? 0 : fail(*options, ended.error());
}

}  // namespace

int main(int argc, char** argv) {
  owrd::hold_standard_descriptors();
  try {
    return run(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "error: owrdd stopped on an unexpected error: " << exception.what() << '\n';
    return 1;
  }
}
