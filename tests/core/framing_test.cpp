#include "daemon/core/framing.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace owrd {
namespace {

TEST(Framing, AnyCutOfTheStreamGivesTheSameFrames) {
  const std::string stream("\0\0\0\3one\0\0\0\0\0\0\0\5three", 20);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    SCOPED_TRACE(cut);
    FrameReader reader;
    std::vector<std::string> frames;
    for (const auto& part : {stream.substr(0, cut), stream.substr(cut)}) {
      reader.feed(part);
      for (auto frame = reader.next(); frame && *frame; frame = reader.next())
        frames.push_back(**frame);
    }
    EXPECT_EQ(frames, (std::vector<std::string>{"one", "", "three"}));
  }
}

TEST(Framing, RefusesALengthOverTheLimit) {
  FrameReader reader;
  reader.feed(std::string("\4\0\0\1", 4));
  const auto frame = reader.next();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().message,
            "reading a frame: its length of 67108865 bytes is over the limit of 67108864");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(FrameWriter().queue(std::string(kMaxFrameBytes + 1, 'x')));
}

TEST(Framing, CrossesASocketThatTakesLittleAtOnce) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  const std::string large(3 * 1024 * 1024, 'x');
  FrameWriter writer;
  FrameReader reader;
  ASSERT_TRUE(writer.queue(large));
  std::string got;
  while (got.empty()) {
    ASSERT_TRUE(writer.write_to(fds[0]));
    const auto open = reader.read_from(fds[1]);
    ASSERT_TRUE(open && *open);
    const auto frame = reader.next();
    ASSERT_TRUE(frame);
    if (*frame) got = **frame;
  }
  EXPECT_EQ(got, large);
  EXPECT_EQ(writer.queued_bytes(), 0U);
  ::close(fds[0]);
  EXPECT_FALSE(*reader.read_from(fds[1]));
  ::close(fds[1]);
}

}  // namespace
}  // namespace owrd
