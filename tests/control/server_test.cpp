#include "daemon/control/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>

#include "tests/control/site.h"
#include "tests/support/http_client.h"

namespace owrd::control {
namespace {

using test::post;
using test::RawConnection;
using test::Site;

const std::string kStatus = post("/owrd.v1.Daemon/Status", "application/json", "{}");

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "owrd-socket-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST(ListeningSocket, HasItsModeAndRemovesItsName) {
  Directory directory;
  const auto path = directory.path() / "run" / "owrd.sock";
  {
    const auto socket = ListeningSocket::open({path, 0666, ""});
    ASSERT_TRUE(socket);
    EXPECT_EQ(mode_of(path), 0666u);
    EXPECT_EQ(socket->path(), path);
    EXPECT_TRUE(RawConnection(path).is_open());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ListeningSocket, ReplacesOneThatADeadDaemonLeft) {
  Directory directory;
  const auto path = directory.path() / "owrd.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(dead);
  ASSERT_TRUE(std::filesystem::exists(path));

  ASSERT_TRUE(ListeningSocket::open({path, 0600, ""}));
}

TEST(ListeningSocket, NamesWhatIsInTheWay) {
  Directory directory;
  const auto taken = directory.path() / "taken.sock";
  const auto first = ListeningSocket::open({taken, 0600, ""});
  ASSERT_TRUE(first);
  const auto second = ListeningSocket::open({taken, 0600, ""});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Busy);
  EXPECT_EQ(second.error().message, "another daemon answers on " + taken.string());
  EXPECT_TRUE(RawConnection(taken).is_open());

  const auto file = directory.path() / "file";
  std::ofstream(file) << "precious";
  const auto in_the_way = ListeningSocket::open({file, 0600, ""});
  ASSERT_FALSE(in_the_way);
  EXPECT_EQ(in_the_way.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(std::filesystem::file_size(file), 8u);
}

TEST(ListeningSocket, RefusesALongPathAndAnUnknownGroup) {
  Directory directory;
  const auto too_long = ListeningSocket::open({directory.path() / std::string(120, 'x'), 0600, ""});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, ErrorCode::Config);

  const auto path = directory.path() / "owrd.sock";
  const auto no_group = ListeningSocket::open({path, 0660, "no-such-group"});
  ASSERT_FALSE(no_group);
  EXPECT_EQ(no_group.error().code, ErrorCode::Config);
  EXPECT_EQ(no_group.error().message,
            "socket " + path.string() + ": there is no group no-such-group");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ListeningSocket, AdoptsOneThatSystemdMade) {
  Directory directory;
  const auto path = directory.path() / "owrd.sock";
  const auto made = ListeningSocket::open({path, 0600, ""});
  ASSERT_TRUE(made);
  {
    const auto adopted = ListeningSocket::adopt(::dup(made->descriptor()));
    ASSERT_TRUE(adopted);
    EXPECT_EQ(adopted->path(), path);
  }
  EXPECT_TRUE(std::filesystem::exists(path));

  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  EXPECT_FALSE(ListeningSocket::adopt(pair[0]));
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST(Server, CountsItsConnections) {
  Site site;
  {
    RawConnection first(site.socket()), second(site.readonly_socket());
    EXPECT_TRUE(test::wait_for([&] { return site.connections() == 2; }));
  }
  EXPECT_TRUE(test::wait_for([&] { return site.connections() == 0; }));
}

TEST(Server, TurnsAwayWhatIsOverTheLimit) {
  ServerOptions options;
  options.max_connections = 1;
  Site site(options);
  RawConnection first(site.socket());
  first.send(kStatus);
  ASSERT_EQ(first.read_reply().status, 200);

  RawConnection second(site.socket());
  const auto refused = second.read_reply();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(
      refused.body.rfind(R"({"code":"unavailable","message":"all 1 connections are taken")", 0),
      0u);

  first.close();
  ASSERT_TRUE(test::wait_for([&] { return site.connections() == 0; }));
  RawConnection third(site.socket());
  third.send(kStatus);
  EXPECT_EQ(third.read_reply().status, 200);
}

TEST(Server, StopsGracefully) {
  Site site;
  RawConnection idle(site.socket()), streaming(site.socket());
  streaming.send(
      post("/owrd.v1.Releases/Watch", "application/connect+json", test::make_envelope(0, "{}")));
  ASSERT_TRUE(test::wait_for([&] { return site.open_watches() == 1 && site.connections() == 2; }));

  std::atomic<bool> stopped{false};
  site.on_loop([&] { site.server().stop(std::chrono::seconds(5), [&] { stopped = true; }); });

  EXPECT_EQ(idle.read_to_end(), "");
  const auto reply = streaming.read_reply();
  EXPECT_TRUE(reply.is_whole);
  EXPECT_NE(reply.body.find(R"({"error":{"code":"unavailable","message":"the daemon is stopping")"),
            std::string::npos);
  EXPECT_TRUE(test::wait_for([&] { return stopped.load(); }));
  EXPECT_EQ(site.open_watches(), 0);
  EXPECT_FALSE(std::filesystem::exists(site.socket()));
  EXPECT_FALSE(RawConnection(site.socket()).is_open());
}

TEST(Server, StopsInTimeWhenAClientDoesNotRead) {
  Site site;
  RawConnection stuck(site.socket());
  stuck.send(
      post("/owrd.v1.Releases/Watch", "application/connect+proto", test::make_envelope(0, "")));
  ASSERT_TRUE(test::wait_for([&] { return site.open_watches() == 1; }));
  std::atomic<bool> stopped{false};
  site.on_loop([&] {
    site.watch().send(Site::progress(1, 10'000'000));
    site.server().stop(std::chrono::milliseconds(20), [&] { stopped = true; });
  });
  EXPECT_TRUE(test::wait_for([&] { return stopped.load(); }));
}

TEST(Server, LetsEverythingGoWhenItDies) {
  auto site = std::make_unique<Site>();
  RawConnection streaming(site->socket());
  streaming.send(
      post("/owrd.v1.Releases/Watch", "application/connect+proto", test::make_envelope(0, "")));
  ASSERT_TRUE(test::wait_for([&] { return site->open_watches() == 1; }));
  site.reset();
  const auto reply = streaming.read_reply();
  EXPECT_FALSE(reply.is_whole);
}

}  // namespace
}  // namespace owrd::control
