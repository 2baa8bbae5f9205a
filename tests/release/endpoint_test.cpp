#include <gtest/gtest.h>

#include "daemon/release/torrent.h"

namespace owrd::release {
namespace {

TEST(Endpoint, AcceptsHostsAndAddressesWithAPort) {
  const std::string endpoints[] = {"localhost:1",        "peer.example:29170",
                                   "1.2.3.4:65535",      "[::1]:80",
                                   "[2001:db8::1]:6881", "a-b.c_d.example:7",
                                   "4chan.example:80",   std::string(63, 'a') + ".example:1"};
  for (const auto& endpoint : endpoints) {
    const auto checked = check_endpoint(endpoint);
    EXPECT_TRUE(checked) << endpoint << ": " << checked.error().message;
  }
}

TEST(Endpoint, RefusesTheRest) {
  const std::string endpoints[] = {"",
                                   ":",
                                   ":80",
                                   "host",
                                   "host:",
                                   "host:0",
                                   "host:080",
                                   "host:65536",
                                   "host:99999999999",
                                   "host:8a",
                                   "host:-1",
                                   "1.2.3:80",
                                   "1.2.3.256:80",
                                   "1.2.3.4.5:80",
                                   "::1:80",
                                   "[::1]",
                                   "[::1:80",
                                   "[1.2.3.4]:80",
                                   "[fe80::1%eth0]:80",
                                   "[]:80",
                                   "-a:80",
                                   "a-:80",
                                   "a..b:80",
                                   "a.:80",
                                   "a b:80",
                                   "a/b:80",
                                   "user@host:80",
                                   "h\xc3\xb6st:80",
                                   "host:80 ",
                                   "host:80\n",
                                   std::string("1.2.3.4\0x:80", 12),
                                   std::string(64, 'a') + ":1",
                                   std::string(300, 'a') + ":1"};
  for (const auto& endpoint : endpoints) EXPECT_FALSE(check_endpoint(endpoint)) << endpoint;

  EXPECT_EQ(check_endpoint("nonsense").error().message,
            R"(peer "nonsense": expected HOST:PORT, 1.2.3.4:PORT or [IPV6]:PORT)");
}

TEST(Tracker, AcceptsAnnounceUrls) {
  const char* urls[] = {"http://tracker.example/announce", "https://tracker.example:8443/a?key=1",
                        "http://tracker.example",          "http://[::1]:80/announce",
                        "https://[2001:db8::1]/a",         "udp://tracker.example:1337",
                        "udp://1.2.3.4:80/announce",       "http://a/%20x#y"};
  for (const auto* url : urls) {
    const auto checked = check_tracker(url);
    EXPECT_TRUE(checked) << url << ": " << checked.error().message;
  }
}

TEST(Tracker, RefusesTheRestByName) {
  const struct {
    std::string url, fault;
  } cases[] = {
      {"", "expected http://, https:// or udp://"},
      {"tracker.example:80", "expected http://, https:// or udp://"},
      {"file:///etc/passwd", "expected http://, https:// or udp://"},
      {"HTTP://tracker.example", "expected http://, https:// or udp://"},
      {"http:/tracker.example", "expected http://, https:// or udp://"},
      {"http", "expected http://, https:// or udp://"},
      {"http://", "names no valid host and port"},
      {"http:///announce", "names no valid host and port"},
      {"http://a:0/", "names no valid host and port"},
      {"http://a:b/", "names no valid host and port"},
      {"http://a_b..c/", "names no valid host and port"},
      {"http://user:pw@a/", "holds a user name"},
      {"udp://tracker.example", "expected udp://HOST:PORT"},
      {"udp://tracker.example/announce", "expected udp://HOST:PORT"},
      {"http://a/b c", "holds spaces or characters that need %-escapes"},
      {"http://a/\r\nHost: b", "holds spaces or characters that need %-escapes"},
      {"http://a/\xc3\xa9", "holds spaces or characters that need %-escapes"},
      {"http://a/" + std::string(1016, 'x'), "is longer than 1024 bytes"},
  };
  for (const auto& [url, fault] : cases) {
    SCOPED_TRACE(url);
    const auto checked = check_tracker(url);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::InvalidInput);
    EXPECT_TRUE(checked.error().message.starts_with("tracker \""));
    EXPECT_TRUE(checked.error().message.ends_with("\": " + fault)) << checked.error().message;
  }
}

}  // namespace
}  // namespace owrd::release
