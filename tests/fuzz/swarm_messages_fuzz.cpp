#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/framing.h"
#include "owrd/v1/swarm.pb.h"

namespace {

struct Taken {
  std::vector<std::string> frames;
  bool is_refused = false;
  bool operator==(const Taken&) const = default;
};

/// What comes out when the stream is fed in parts of `step` bytes.
Taken take(std::string_view stream, std::size_t step) {
  Taken taken;
  owrd::FrameReader reader;
  while (!stream.empty() && !taken.is_refused) {
    reader.feed(stream.substr(0, step));
    stream.remove_prefix(std::min(step, stream.size()));
    for (;;) {
      auto frame = reader.next();
      if (!frame) taken.is_refused = true;
      if (!frame || !*frame) break;
      taken.frames.push_back(std::move(**frame));
    }
  }
  return taken;
}

/// What has been parsed is printed to bytes that parse to the same.
template <class Message>
void check_round_trip(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) return;
  const std::string printed = message.SerializeAsString();
  Message again;
  if (!again.ParseFromString(printed) || again.SerializeAsString() != printed) std::abort();
}

}  // namespace

// Any cut of a stream gives the same frames, and no frame is over the limit; messages survive the
// round trip.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Taken whole = take(stream, size);
  if (take(stream, std::size_t{1} + data[0] % 16) != whole) std::abort();
  for (const auto& frame : whole.frames) {
    if (frame.size() > owrd::kMaxFrameBytes) std::abort();
    check_round_trip<owrd::v1::SwarmCommand>(frame);
    check_round_trip<owrd::v1::SwarmEvent>(frame);
    check_round_trip<owrd::v1::SwarmFileRequest>(frame);
    check_round_trip<owrd::v1::SwarmFileReply>(frame);
  }
  return 0;
}
