#include <gtest/gtest.h>

#include "daemon/release/torrent.h"

namespace owrd::release {
namespace {

const std::string kHash = "caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e";
const std::string kOther = "5f89f5c339c3be8e29b653bedb31659b72485766e7e611e5be5886476f585f56";
const std::string kTopic = "xt=urn:btmh:1220" + kHash;
const std::string kV1Topic = "xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";

TEST(Magnet, SaysWhatTheLinkSays) {
  const auto magnet =
      parse_magnet("magnet:?" + kTopic +
                   "&dn=atlas%2D1.0+%C3%A9t%C3%A9&x.pe=127.0.0.1:29170&x.pe=[::1]:7"
                   "&tr=udp%3A%2F%2Ft.example%3A80%2Fannounce&tr.2=http://u.example/");

  ASSERT_TRUE(magnet) << magnet.error().message;
  EXPECT_EQ(magnet->infohash.to_hex(), kHash);
  EXPECT_EQ(magnet->name, "atlas-1.0 \xc3\xa9t\xc3\xa9");
  EXPECT_EQ(magnet->peers, (std::vector<std::string>{"127.0.0.1:29170", "[::1]:7"}));
  EXPECT_EQ(magnet->trackers,
            (std::vector<std::string>{"udp://t.example:80/announce", "http://u.example/"}));
}

TEST(Magnet, AcceptsWhatOtherClientsWrite) {
  std::string upper = kHash;
  for (char& c : upper)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  const std::string links[] = {
      "magnet:?" + kTopic,
      "MAGNET:?xt=urn:btmh:1220" + upper,
      "magnet:?xt=URN:BTMH:1220" + kHash,
      "magnet:?xt.1=urn:btmh:1220" + kHash,
      "magnet:?dn=x&" + kTopic + "&xl=123&ws=http%3A%2F%2Fa&unknown=%zz&flag&",
      "magnet:?" + kTopic + "&" + kTopic,
      "magnet:?" + kTopic + "&xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C",
      "magnet:?" + kTopic +
          "&tr=wss%3A%2F%2Ft.example",  // of WebTorrent, which owrd does not speak
      "magnet:?xt=urn%3Abtmh%3A1220" + kHash,
  };
  for (const auto& link : links) {
    const auto magnet = parse_magnet(link);
    ASSERT_TRUE(magnet) << link << ": " << magnet.error().message;
    EXPECT_EQ(magnet->infohash.to_hex(), kHash);
    EXPECT_TRUE(magnet->trackers.empty());
  }
}

TEST(Magnet, RefusesV1AndHybridLinksByName) {
  const auto v1 = parse_magnet("magnet:?" + kV1Topic + "&dn=x");
  const auto hybrid = parse_magnet("magnet:?" + kV1Topic + "&" + kTopic);
  const auto numbered = parse_magnet("magnet:?xt.1=urn:btmh:1220" + kHash + "&xt.2=URN:btih:x");

  ASSERT_FALSE(v1);
  EXPECT_EQ(v1.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(v1.error().message, "magnet link: is a BitTorrent v1 link; owrd takes v2 only");
  EXPECT_EQ(v1.error().hint, "ask the publisher for a link with urn:btmh, or for the .owr bundle");
  for (const auto* refused : {&hybrid, &numbered}) {
    ASSERT_FALSE(*refused);
    EXPECT_EQ(refused->error().message,
              "magnet link: names a v1 infohash beside the v2 one (a hybrid torrent); owrd takes "
              "v2 only");
    EXPECT_EQ(refused->error().hint,
              "ask the publisher for a link with urn:btmh alone, or for the .owr bundle");
  }
}

TEST(Magnet, SaysWhatIsWrong) {
  std::string many_peers = "magnet:?" + kTopic;
  std::string many_trackers = many_peers;
  for (int i = 1; i <= 51; ++i) many_peers += "&x.pe=a:" + std::to_string(i);
  for (int i = 1; i <= 33; ++i) many_trackers += "&tr=http://a/" + std::to_string(i);
  const std::string expected = "expected urn:btmh:1220 and 64 hex digits, got ";
  const struct {
    std::string link, error;
  } cases[] = {
      {"", "does not begin with magnet:?"},
      {"magnet:", "does not begin with magnet:?"},
      {"https://a/?" + kTopic, "does not begin with magnet:?"},
      {"magnet:?", "has no xt=urn:btmh:…, the infohash of a v2 torrent"},
      {"magnet:?dn=x", "has no xt=urn:btmh:…, the infohash of a v2 torrent"},
      {"magnet:?xt=urn:sha1:x", "has no xt=urn:btmh:…, the infohash of a v2 torrent"},
      {"magnet:?xt=urn:btmh:1220abc", expected + "\"urn:btmh:1220abc\""},
      {"magnet:?xt=urn:btmh:", expected + "\"urn:btmh:\""},
      {"magnet:?xt=urn:btmh:1114" + kHash,
       expected + "\"urn:btmh:1114" + kHash.substr(0, 67) + "\""},
      {"magnet:?xt=urn:btmh:1220" + kHash + "00", expected + "\"urn:btmh:1220" + kHash + "00\""},
      {"magnet:?" + kTopic + "&xt=urn:btmh:1220" + kOther, "names two different torrents"},
      {"magnet:?" + kTopic + "&dn=%4", "bad %-escape in dn"},
      {"magnet:?" + kTopic + "&dn=%zz", "bad %-escape in dn"},
      {"magnet:?" + kTopic + "&tr=%", "bad %-escape in tr"},
      {"magnet:?" + kTopic + "&dn=a%0Ab", "its name (dn) is not one line of plain text"},
      {"magnet:?" + kTopic + "&dn=%ff", "its name (dn) is not one line of plain text"},
      {"magnet:?" + kTopic + "&dn=%E2%80%AE", "its name (dn) is not one line of plain text"},
      {"magnet:?" + kTopic + "&x.pe=nowhere",
       R"(peer "nowhere": expected HOST:PORT, 1.2.3.4:PORT or [IPV6]:PORT)"},
      {"magnet:?" + kTopic + "&tr=file%3A%2F%2F%2Fetc",
       R"(tracker "file:///etc": expected http://, https:// or udp://)"},
      {many_peers, "names more than 50 peers"},
      {many_trackers, "names more than 32 trackers"},
      {"magnet:?" + kTopic + "&x=" + std::string(65'536, 'x'), "is longer than 64 KiB"},
  };
  for (const auto& [link, error] : cases) {
    SCOPED_TRACE(link.substr(0, 120));
    const auto magnet = parse_magnet(link);
    ASSERT_FALSE(magnet);
    EXPECT_EQ(magnet.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(magnet.error().message, "magnet link: " + error);
  }
}

TEST(Magnet, ComesBackFromItsText) {
  const Magnet magnet{*Digest::from_hex(kHash),
                      "100% a&b=c + \xc3\xa9 #?",
                      {"[2001:db8::1]:6881", "host.example:80"},
                      {"http://t.example/a?b=c&d=%20+e"}};

  const auto text = to_string(magnet);
  const auto parsed = parse_magnet(text);

  // libtorrent, and so most clients, takes x.pe as it stands: its punctuation must not be escaped.
  EXPECT_EQ(text, "magnet:?" + kTopic +
                      "&dn=100%25%20a%26b%3Dc%20%2B%20%C3%A9%20%23%3F"
                      "&x.pe=[2001:db8::1]:6881&x.pe=host.example:80"
                      "&tr=http%3A%2F%2Ft.example%2Fa%3Fb%3Dc%26d%3D%2520%2Be");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->infohash, magnet.infohash);
  EXPECT_EQ(parsed->name, magnet.name);
  EXPECT_EQ(parsed->peers, magnet.peers);
  EXPECT_EQ(parsed->trackers, magnet.trackers);
}

TEST(Magnet, OfABareInfohashIsJustThat) {
  EXPECT_EQ(to_string(Magnet{*Digest::from_hex(kHash), "", {}, {}}), "magnet:?" + kTopic);
}

}  // namespace
}  // namespace owrd::release
