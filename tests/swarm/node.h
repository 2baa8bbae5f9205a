#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/swarm/worker_process.h"
#include "tests/support/made_torrent.h"

namespace owrd::swarm {

/// A directory of the test's own, gone with it.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Loopback, port 0, no discovery.
v1::SwarmCommand make_configure();

/// A real worker with everything it said.
class Node {
 public:
  explicit Node(boost::asio::io_context& loop, std::filesystem::path program = OWRD_SWARM_PROGRAM);

  /// Runs the loop until `done`; false when that takes over 30 s.
  bool wait(const std::function<bool()>& done);
  /// Configures it and waits for SwarmReady.
  bool start(const v1::SwarmCommand& configure = make_configure());
  /// Its first endpoint.
  std::string endpoint() const;
  /// Pieces told of since the last loss.
  std::set<std::uint32_t> pieces(std::uint64_t id) const;
  /// The events of the kind that `has` accepts.
  std::vector<v1::SwarmEvent> all(const std::function<bool(const v1::SwarmEvent&)>& has) const;
  /// Checkpoints and gives the bitmap.
  std::string checkpoint(std::uint64_t id);

  boost::asio::io_context& loop;
  std::vector<v1::SwarmEvent> events;
  std::vector<std::string> log;
  std::unique_ptr<WorkerProcess> swarm;

 private:
  std::uint64_t token_ = 0;
};

}  // namespace owrd::swarm
