#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "owrd/v1/swarm.pb.h"

namespace owrd::swarm {

/// What owrd needs of a swarm. Commands never block and never fail on the spot; whatever becomes of
/// them comes back as an event, on the loop's thread, never from within send(). The messages and
/// their promises: proto/owrd/v1/swarm.proto.
class Swarm {
 public:
  using Listener = std::function<void(const v1::SwarmEvent&)>;

  virtual ~Swarm() = default;
  /// Set once, before the first command.
  virtual void set_listener(Listener listener) = 0;
  /// The first command starts the worker.
  virtual void send(const v1::SwarmCommand& command) = 0;

  virtual bool is_running() const = 0;
  virtual int pid() const = 0;  ///< 0 when it is not running.
  virtual std::uint32_t restarts() const = 0;
};

}  // namespace owrd::swarm
