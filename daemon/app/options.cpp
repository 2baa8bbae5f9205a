#include "daemon/app/options.h"

#include <getopt.h>

#include <charconv>
#include <cstring>

namespace owrd::app {
namespace {

Error usage_error(const std::string& what) {
  return Error{ErrorCode::InvalidInput, what, "owrdd --help"};
}

Result<int> parse_descriptor(std::string_view text) {
  int descriptor = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), descriptor);
  if (error != std::errc() || end != text.data() + text.size() || descriptor < 0)
    return usage_error("--ready-fd: expected the number of an open file");
  return descriptor;
}

}  // namespace

const char* usage() {
  return "usage: owrdd [OPTION]...\n"
         "The open-weight release daemon: publishes, seeds and fetches releases; owrd(1) speaks to "
         "it.\n"
         "\n"
         "  --system        the machine's daemon: /etc/owrd, /var/lib/owrd, /run/owrd\n"
         "  --config FILE   read this configuration and no other\n"
         "  --store DIR     keep releases and database here\n"
         "  --socket PATH   listen here\n"
         "  --check-config  check the configuration and exit\n"
         "  --private       take up nothing by itself, end with the last client\n"
         "  --ready-fd N    write READY to this open file when listening\n"
         "  --version       print the version and exit\n"
         "  --help          print this and exit\n";
}

Result<Options> parse_options(int argc, char** argv) {
  enum {
    kSystem = 1000,
    kConfig,
    kStore,
    kSocket,
    kPrivate,
    kReadyFd,
    kCheckConfig,
    kVersion,
    kHelp
  };
  static const option kOptions[] = {{"system", no_argument, nullptr, kSystem},
                                    {"config", required_argument, nullptr, kConfig},
                                    {"store", required_argument, nullptr, kStore},
                                    {"socket", required_argument, nullptr, kSocket},
                                    {"private", no_argument, nullptr, kPrivate},
                                    {"ready-fd", required_argument, nullptr, kReadyFd},
                                    {"check-config", no_argument, nullptr, kCheckConfig},
                                    {"version", no_argument, nullptr, kVersion},
                                    {"help", no_argument, nullptr, kHelp},
                                    {nullptr, 0, nullptr, 0}};
  Options options;
  optind = 0;
  opterr = 0;
  for (int choice = 0; (choice = getopt_long(argc, argv, ":h", kOptions, nullptr)) != -1;) {
    switch (choice) {
      case kSystem:
        options.instance = Instance::System;
        break;
      case kConfig:
        options.config = optarg;
        break;
      case kStore:
        options.store = optarg;
        break;
      case kSocket:
        options.socket = optarg;
        break;
      case kPrivate:
        options.is_private = true;
        break;
      case kReadyFd: {
        const auto descriptor = parse_descriptor(optarg);
        if (!descriptor) return descriptor.error();
        options.ready_fd = *descriptor;
        break;
      }
      case kCheckConfig:
        options.check_config = true;
        break;
      case kVersion:
        options.show_version = true;
        break;
      case kHelp:
      case 'h':
        options.show_help = true;
        break;
      case ':':
        return usage_error(std::string(argv[optind - 1]) + " needs a value");
      default:
        return usage_error("unknown option " + std::string(argv[optind - 1]));
    }
  }
  if (optind < argc) return usage_error("unexpected argument " + std::string(argv[optind]));
  for (const auto& path : {options.store, options.socket})
    if (path && !path->is_absolute())
      return usage_error(path->string() + ": expected an absolute path");
  return options;
}

}  // namespace owrd::app
