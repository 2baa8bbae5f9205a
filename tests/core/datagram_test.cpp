#include "daemon/core/datagram.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace owrd {
namespace {

class Datagrams : public ::testing::Test {
 protected:
  Datagrams() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    ours_ = Descriptor(ends[0]);
    theirs_ = Descriptor(ends[1]);
  }

  Descriptor ours_;
  Descriptor theirs_;
};

TEST_F(Datagrams, KeepTheirBoundsAndOrder) {
  ASSERT_TRUE(send_datagram(ours_.get(), "one", {}));
  ASSERT_TRUE(send_datagram(ours_.get(), std::string(kMaxDatagramBytes, 'x'), {}));
  const auto first = receive_datagram(theirs_.get());
  const auto second = receive_datagram(theirs_.get());
  const auto none = receive_datagram(theirs_.get());
  ASSERT_TRUE(first && *first && second && *second && none);
  EXPECT_EQ((*first)->bytes, "one");
  EXPECT_FALSE((*first)->descriptor.is_open());
  EXPECT_EQ((*second)->bytes.size(), kMaxDatagramBytes);
  EXPECT_FALSE(*none);
}

TEST_F(Datagrams, PassADescriptorThatOutlivesTheSenders) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const Descriptor reading(pipe_ends[0]);
  Descriptor writing(pipe_ends[1]);
  ASSERT_TRUE(send_datagram(ours_.get(), "here", writing));
  writing = Descriptor();

  const auto got = receive_datagram(theirs_.get());
  ASSERT_TRUE(got && *got && (*got)->descriptor.is_open());
  EXPECT_EQ(::fcntl((*got)->descriptor.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::write((*got)->descriptor.get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(reading.get(), &byte, 1), 1);
}

TEST_F(Datagrams, WithSeveralDescriptorsAreRefusedAndLeaveNoneBehind) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const Descriptor reading(pipe_ends[0]);
  Descriptor writing(pipe_ends[1]);
  char byte = 'x';
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const int numbers[] = {writing.get(), writing.get()};
  std::memcpy(CMSG_DATA(header), numbers, sizeof numbers);
  ASSERT_EQ(::sendmsg(ours_.get(), &message, 0), 1);
  writing = Descriptor();

  const auto got = receive_datagram(theirs_.get());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(::read(reading.get(), &byte, 1), 0) << "nobody has the writing end any more";
}

TEST_F(Datagrams, SayWhyThereAreNone) {
  ASSERT_TRUE(send_datagram(ours_.get(), std::string(kMaxDatagramBytes + 1, 'x'), {}));
  const auto too_long = receive_datagram(theirs_.get());
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, ErrorCode::Corrupt);

  ours_ = Descriptor();
  const auto closed = receive_datagram(theirs_.get());
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ErrorCode::NotFound);
}

TEST_F(Datagrams, AreNotSentToWhoDoesNotReadThem) {
  Result<> sent = Done{};
  for (int i = 0; i < 100'000 && sent; ++i) sent = send_datagram(ours_.get(), "again", {});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::Busy);
}

}  // namespace
}  // namespace owrd
