// A line with a delay, for kernels without netem: what comes from the host's network card leaves
// for the switch so much later; what comes from the switch passes at once.
//
//   delay_line MILLISECONDS HOST_FD SWITCH_FD      both are open TAP devices, without packet
//   headers
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Frame {
  Clock::time_point due;
  std::vector<char> bytes;
};

/// The next frame; empty when there is none.
std::vector<char> read_frame(int device) {
  char buffer[64 * 1024];
  const ssize_t length = read(device, buffer, sizeof(buffer));
  return length > 0 ? std::vector<char>(buffer, buffer + length) : std::vector<char>();
}

/// A frame that the other side has no room for is lost, as on any line.
void write_frame(int device, const std::vector<char>& bytes) {
  [[maybe_unused]] const ssize_t written = write(device, bytes.data(), bytes.size());
}

timespec until(Clock::time_point due) {
  const auto left =
      std::max<std::chrono::nanoseconds>(due - Clock::now(), std::chrono::nanoseconds(0));
  return {static_cast<time_t>(left.count() / 1'000'000'000),
          static_cast<long>(left.count() % 1'000'000'000)};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 64;
  const std::chrono::milliseconds delay(std::atoi(arguments[1]));
  const int host = std::atoi(arguments[2]);
  const int network = std::atoi(arguments[3]);
  for (const int device : {host, network}) fcntl(device, F_SETFL, O_NONBLOCK);
  prctl(PR_SET_TIMERSLACK, 1000UL);

  std::deque<Frame> under_way;
  while (true) {
    pollfd devices[] = {{host, POLLIN, 0}, {network, POLLIN, 0}};
    const timespec wait = under_way.empty() ? timespec{} : until(under_way.front().due);
    ppoll(devices, 2, under_way.empty() ? nullptr : &wait, nullptr);
    if ((devices[0].revents | devices[1].revents) & (POLLERR | POLLNVAL)) return 1;
    for (auto frame = read_frame(host); !frame.empty(); frame = read_frame(host))
      under_way.push_back({Clock::now() + delay, std::move(frame)});
    for (auto frame = read_frame(network); !frame.empty(); frame = read_frame(network))
      write_frame(host, frame);
    for (; !under_way.empty() && under_way.front().due <= Clock::now(); under_way.pop_front())
      write_frame(network, under_way.front().bytes);
  }
}
