#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "daemon/core/result.h"

namespace owrd::swarm {

/// A started worker. The caller owns the descriptors (non-blocking, close-on-exec) and reaps the
/// pid.
struct Spawned {
  pid_t pid;
  int channel;  ///< For commands and events; the worker's end is its descriptor 3.
  int files;    ///< For its requests for files (SOCK_SEQPACKET); its end is descriptor 4.
  int errors;   ///< Reads what it writes to its standard output and standard error.
};

/// Starts `program --fd 3 --files 4` with default signal dispositions, standard input from
/// /dev/null, and no other descriptor of ours.
Result<Spawned> spawn_worker(const std::filesystem::path& program);

/// "was ended by signal 11 (Segmentation fault)", "exited with status 1".
std::string describe_exit(int wait_status);
/// Whether it ended by itself: not because somebody killed it.
bool is_crash(int wait_status);

}  // namespace owrd::swarm
