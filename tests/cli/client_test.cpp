#include "cli/client.h"

#include <csignal>

#include "owrd/v1/control.pb.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class ClientTest : public CliTest {
 protected:
  ClientTest() : client(home / "run" / "owrd" / "owrd.sock") { start_daemon(); }

  static std::string progress(std::uint64_t done) {
    v1::VerifyEvent event;
    event.mutable_progress()->set_bytes_done(done);
    return event.SerializeAsString();
  }

  Result<StreamEnd> verify(const std::function<bool(const v1::VerifyEvent&)>& on_event,
                           const SignalTrap* trap = nullptr) {
    return client.stream<v1::VerifyEvent>("Releases/Verify", v1::VerifyRequest(), on_event, trap);
  }

  Client client;
};

TEST_F(ClientTest, CallsAndGetsAReply) {
  v1::StatusReply status;
  status.set_pid(812);
  daemon->reply("Daemon/Status", status);

  const auto reply = client.call<v1::StatusReply>("Daemon/Status", v1::StatusRequest());

  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->pid(), 812U);
}

TEST_F(ClientTest, SendsTheRequestAsItIs) {
  daemon->reply("Releases/Pause", v1::PauseReply());
  v1::PauseRequest request;
  request.set_ref("acme/atlas:1.0");

  ASSERT_TRUE(client.call<v1::PauseReply>("Releases/Pause", request));

  EXPECT_EQ(daemon->last<v1::PauseRequest>("Releases/Pause").ref(), "acme/atlas:1.0");
}

TEST_F(ClientTest, GivesTheDaemonsErrorWithItsHint) {
  daemon->fail("Releases/Pause", {ErrorCode::NotFound, "no such release", "owrd ls"});

  const auto reply = client.call<v1::PauseReply>("Releases/Pause", v1::PauseRequest());

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::NotFound);
  EXPECT_EQ(reply.error().hint, "owrd ls");
}

TEST_F(ClientTest, SaysWhereNobodyAnswers) {
  Client nobody(home / "absent.sock");

  const auto reply = nobody.call<v1::StatusReply>("Daemon/Status", v1::StatusRequest());

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(reply.error().message, "no daemon answers at " + (home / "absent.sock").string());
}

TEST_F(ClientTest, ReadsAStreamToItsEnd) {
  daemon->stream("Releases/Verify", {progress(1), progress(2), progress(300)});
  std::vector<std::uint64_t> seen;

  const auto end = verify([&](const v1::VerifyEvent& event) {
    seen.push_back(event.progress().bytes_done());
    return true;
  });

  ASSERT_TRUE(end);
  EXPECT_EQ(*end, StreamEnd::Finished);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 300}));
}

TEST_F(ClientTest, TakesAMessageThatIsLargerThanAnyBuffer) {
  v1::VerifyEvent event;
  event.mutable_progress()->set_file(std::string(3'000'000, 'x'));
  daemon->stream("Releases/Verify", {event.SerializeAsString()});
  std::size_t size = 0;

  ASSERT_TRUE(verify([&](const v1::VerifyEvent& got) {
    size = got.progress().file().size();
    return true;
  }));

  EXPECT_EQ(size, 3'000'000U);
}

TEST_F(ClientTest, StopsWhenTheReceiverWantsNoMore) {
  daemon->stream("Releases/Verify", {progress(1), progress(2)}, test::FakeDaemon::Ending::Hang);

  const auto end = verify([](const v1::VerifyEvent&) { return false; });

  ASSERT_TRUE(end);
  EXPECT_EQ(*end, StreamEnd::Stopped);
}

TEST_F(ClientTest, GivesTheErrorAtTheEndOfAStream) {
  daemon->fail_stream("Releases/Verify", {progress(1)},
                      {ErrorCode::NoSpace, "the disk is full", "make room"});
  int seen = 0;

  const auto end = verify([&](const v1::VerifyEvent&) { return ++seen > 0; });

  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::NoSpace);
  EXPECT_EQ(end.error().hint, "make room");
  EXPECT_EQ(seen, 1);
}

TEST_F(ClientTest, DoesNotTakeABrokenOffStreamForAnEnd) {
  daemon->stream("Releases/Verify", {progress(1)}, test::FakeDaemon::Ending::BreakOff);

  const auto end = verify([](const v1::VerifyEvent&) { return true; });

  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "the daemon broke off its answer");
}

TEST_F(ClientTest, RefusesAStreamThatBreaksTheProtocol) {
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\nContent-Length: ";
  const std::pair<std::string, std::string> cases[] = {
      {std::string("\x04\0\0\0\0", 5), "the daemon's answer breaks the Connect protocol"},
      {std::string("\0\xFF\xFF\xFF\xFF", 5), "a message of the daemon is over 64 MiB"},
      {std::string("\x02\0\0\0\x01x", 6), "the daemon ended its answer with broken JSON"}};
  for (const auto& [body, message] : cases) {
    SCOPED_TRACE(message);
    daemon->reply_raw("Releases/Verify", head + std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto end = verify([](const v1::VerifyEvent&) { return true; });
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().message, message);
  }
}

TEST_F(ClientTest, SaysWhenAnAnswerCannotBeRead) {
  daemon->reply_raw(
      "Daemon/Status",
      "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 1\r\n\r\n\xFF");

  const auto reply = client.call<v1::StatusReply>("Daemon/Status", v1::StatusRequest());

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().message, "the daemon's answer to Daemon/Status cannot be read");
}

TEST_F(ClientTest, IsInterruptedByASignalAndCanStillCall) {
  daemon->stream("Releases/Verify", {progress(1)}, test::FakeDaemon::Ending::Hang);
  daemon->on_hang = [] { ::kill(::getpid(), SIGINT); };
  const SignalTrap trap;

  const auto end = verify([](const v1::VerifyEvent&) { return true; }, &trap);

  ASSERT_TRUE(end);
  EXPECT_EQ(*end, StreamEnd::Signalled);
  EXPECT_EQ(trap.caught(), SIGINT);
  EXPECT_TRUE(client.call<v1::StatusReply>("Daemon/Status", v1::StatusRequest()));
}

}  // namespace
}  // namespace owrd::cli
