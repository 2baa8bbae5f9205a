#pragma once

#include <functional>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>
#include <vector>

namespace owrd::worker::disk {

/// What libtorrent is to be told. It is told in a turn of the loop of its own, in order, never from
/// within a call of libtorrent's.
class Answers {
 public:
  explicit Answers(lt::io_context& loop) : loop_(loop) {}

  void add(std::function<void()> answer);

 private:
  void give();

  lt::io_context& loop_;
  std::vector<std::function<void()>> waiting_;
};

}  // namespace owrd::worker::disk
