#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "daemon/swarm/swarm.h"

namespace owrd::swarm {

/// The swarm as a process of its own: starts owrd-swarm with one end of a socket pair, frames
/// commands and events, and supervises it. When the worker dies: tells SwarmWorkerLost; starts it
/// again (at once, and after a pause of at most half a second when it was lost within the last
/// minute too; a worker that never gets ready is tried ever more rarely, down to twice a minute),
/// sends the last SwarmConfigure with the addresses banned that were connected at two crashes
/// within ten minutes (for an hour, see PeerBans; a kill is no crash), and then SwarmReady is the
/// listener's sign to add its torrents again.
///
/// Commands sent between SwarmWorkerLost and the new worker's start are dropped, for the listener
/// says everything again on SwarmReady; only SwarmConfigure is kept, and sent. A worker that lets
/// 256 MiB of commands pile up is ended and counts as lost. After SwarmShutdown the worker is not
/// started again before the next command.
class WorkerProcess final : public Swarm {
 public:
  struct Options {
    std::filesystem::path program;  ///< owrd-swarm.
    std::function<void(const std::string&)>
        log;  ///< One line; also what the worker writes to its standard error.
  };
  WorkerProcess(boost::asio::io_context& loop, Options options);
  /// Ends the worker: SwarmShutdown if it is still running, SIGKILL after two seconds.
  ~WorkerProcess() override;

  void set_listener(Listener listener) override;
  void send(const v1::SwarmCommand& command) override;
  bool is_running() const override;
  int pid() const override;
  std::uint32_t restarts() const override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace owrd::swarm
