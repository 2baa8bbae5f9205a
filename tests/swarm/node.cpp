#include "tests/swarm/node.h"

#include <stdlib.h>

#include <chrono>

namespace owrd::swarm {

TestDirectory::TestDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "owrd-swarm-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

v1::SwarmCommand make_configure() {
  v1::SwarmCommand command;
  command.mutable_configure()->add_listen("127.0.0.1:0");
  command.mutable_configure()->set_profile(v1::SwarmConfigure::PROFILE_SERVER);
  command.mutable_configure()->set_encryption("enabled");
  return command;
}

Node::Node(boost::asio::io_context& loop_in, std::filesystem::path program) : loop(loop_in) {
  WorkerProcess::Options options;
  options.program = std::move(program);
  options.log = [this](const std::string& line) { log.push_back(line); };
  swarm = std::make_unique<WorkerProcess>(loop, std::move(options));
  swarm->set_listener([this](const v1::SwarmEvent& event) { events.push_back(event); });
}

bool Node::wait(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds{50});
  }
  return true;
}

bool Node::start(const v1::SwarmCommand& configure) {
  swarm->send(configure);
  return wait([this] { return !endpoint().empty(); });
}

std::string Node::endpoint() const {
  for (const auto& event : events)
    if (event.has_ready() && event.ready().listening_size() > 0) return event.ready().listening(0);
  return {};
}

std::set<std::uint32_t> Node::pieces(std::uint64_t id) const {
  std::set<std::uint32_t> pieces;
  for (const auto& event : events) {
    if (event.has_worker_lost()) pieces.clear();
    if (event.has_pieces() && event.pieces().id() == id)
      pieces.insert(event.pieces().pieces().begin(), event.pieces().pieces().end());
  }
  return pieces;
}

std::vector<v1::SwarmEvent> Node::all(const std::function<bool(const v1::SwarmEvent&)>& has) const {
  std::vector<v1::SwarmEvent> found;
  for (const auto& event : events)
    if (has(event)) found.push_back(event);
  return found;
}

std::string Node::checkpoint(std::uint64_t id) {
  v1::SwarmCommand command;
  command.mutable_checkpoint()->set_id(id);
  command.mutable_checkpoint()->set_token(++token_);
  swarm->send(command);
  std::string have;
  wait([&] {
    for (const auto& event : events)
      if (event.has_checkpointed() && event.checkpointed().token() == token_) {
        have = event.checkpointed().have();
        return true;
      }
    return false;
  });
  return have;
}

}  // namespace owrd::swarm
