#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

#include "daemon/core/framing.h"
#include "owrd/v1/swarm.pb.h"

namespace owrd::worker {

/// The worker's end of the socket pair. Ends the process at once when the daemon's end has closed:
/// nobody is left to work for.
class Link {
 public:
  using OnCommand = std::function<void(const v1::SwarmCommand&)>;

  /// Takes the descriptor.
  Link(boost::asio::io_context& loop, int fd, OnCommand on_command);

  void send(const v1::SwarmEvent& event);
  /// Blocks until everything is sent, a second at most.
  void flush();

 private:
  void wait_for_commands();
  void read_commands();
  void write_some();

  boost::asio::posix::stream_descriptor socket_;
  OnCommand on_command_;
  FrameReader reader_;
  FrameWriter writer_;
  bool is_writing_ = false;
};

/// One line to standard error, which the daemon puts into its log.
void log(const std::string& line);

}  // namespace owrd::worker
