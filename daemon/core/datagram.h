#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/result.h"
#include "daemon/core/system.h"

/// Messages over a Unix socket of type SOCK_SEQPACKET, each with an open descriptor or without.
namespace owrd {

/// Longer ones are not received.
constexpr std::size_t kMaxDatagramBytes = 1024;

struct Datagram {
  std::string bytes;
  Descriptor descriptor;  ///< Close-on-exec; not open when none came along.
};

/// Of at least one byte: an empty datagram looks like the end. The receiver gets a descriptor of
/// its own for the same open file; none when `passed` is not open. Busy when the non-blocking
/// socket takes no more.
Result<> send_datagram(int socket, std::string_view bytes, const Descriptor& passed);

/// The next one, which a blocking socket waits for; nothing when a non-blocking one has none.
/// NotFound when the other side has closed, Corrupt for one that is too long or comes with several
/// descriptors.
Result<std::optional<Datagram>> receive_datagram(int socket);

}  // namespace owrd
