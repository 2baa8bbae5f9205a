#pragma once

#include <string>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::worker {

/// Whether this build can be confined: the runtime of a sanitizer does what is refused here.
bool can_be_confined();

/// Takes from this process, and from all threads that it starts afterwards, what speaking
/// BitTorrent has no use for; there is no way back. To be called while there is one thread.
///
/// - seccomp: a list of the system calls that are allowed. No file is opened for writing, made,
///   renamed or deleted by name, no file's memory shared, no program started, no other process
///   touched, and of new sockets there are TCP, UDP and netlink. Whatever else is tried fails with
///   EPERM.
/// - Landlock, where the kernel has it: only what the system keeps for everybody can be read by
///   name (resolver configuration, certificates, libraries).
///
/// What was opened before, and what is passed in, is not affected. Gives what the kernel lacks, a
/// sentence each; an error when the system calls cannot be confined.
Result<std::vector<std::string>> confine();

}  // namespace owrd::worker
