#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "daemon/core/result.h"

namespace owrd::swarm {

/// A started worker. The caller owns both descriptors (non-blocking, close-on-exec) and reaps the
/// pid.
struct Spawned {
  pid_t pid;
  int channel;  ///< Our end of the socket pair; the worker has the other one as descriptor 3.
  int errors;   ///< Reads what it writes to its standard output and standard error.
};

/// Starts `program --fd 3` with default signal dispositions, standard input from /dev/null, and no
/// other descriptor of ours.
Result<Spawned> spawn_worker(const std::filesystem::path& program);

/// "was ended by signal 11 (Segmentation fault)", "exited with status 1".
std::string describe_exit(int wait_status);
/// Whether it ended by itself: not because somebody killed it.
bool is_crash(int wait_status);

}  // namespace owrd::swarm
