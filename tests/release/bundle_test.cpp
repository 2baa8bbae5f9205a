#include "daemon/release/bundle.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/made_feed.h"

namespace owrd::release {
namespace {

const std::string kMagic = "owrd-bundle-1\n";

v1::Bundle example() {
  v1::Bundle bundle;
  bundle.add_roots(std::string(300, 'r'));
  bundle.add_roots(std::string(200, 's'));
  bundle.set_manifest(std::string(500, 'm'));
  bundle.add_peers("127.0.0.1:29170");
  bundle.add_peers("[::1]:80");
  bundle.add_trackers("udp://tracker.example:80");
  return bundle;
}

std::string encoded(const v1::Bundle& bundle) {
  return std::string(as_text(encode_bundle(bundle)));
}

std::string error_of(const std::string& bytes) {
  const auto bundle = parse_bundle(as_bytes(bytes));
  if (bundle) return "accepted";
  EXPECT_EQ(bundle.error().code, ErrorCode::InvalidInput);
  EXPECT_NE(bundle.error().hint, "") << bundle.error().message;
  return bundle.error().message;
}

std::string hint_of(const std::string& bytes) { return parse_bundle(as_bytes(bytes)).error().hint; }

TEST(Bundle, SaysWhatToDoAboutEachKindOfBadFile) {
  auto oversized = example();
  oversized.set_manifest(std::string(9 << 20, 'm'));

  EXPECT_EQ(hint_of("PK"),
            "name a file that owrd bundle (.owr) or owrd publisher export (.owrp) wrote");
  EXPECT_EQ(hint_of("owrd-bundle-1\n\x0a\x7f"), "fetch the file again, from where it came from");
  EXPECT_EQ(hint_of("owrd-bundle-1\r\n"), "transfer the file again, in binary mode");
  EXPECT_EQ(hint_of("owrd-bundle-2\n"), "install a newer owrd");
  EXPECT_EQ(hint_of(std::string(as_text(encode_bundle(oversized)))),
            "owrd writes no such file: ask the publisher for another one");
}

TEST(Bundle, ComesBackAsItWas) {
  const auto bytes = encode_bundle(example());

  const auto bundle = parse_bundle(bytes);

  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_TRUE(as_text(bytes).starts_with(kMagic));
  EXPECT_EQ(bundle->SerializeAsString(), example().SerializeAsString());
  EXPECT_EQ(encode_bundle(*bundle), bytes);
}

TEST(Bundle, OfAPublisherHasNoManifest) {
  v1::Bundle bundle;
  bundle.add_roots("root");

  const auto parsed = parse_bundle(encode_bundle(bundle));

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(parsed->manifest().empty());
}

TEST(Bundle, OfACeremonyHasADraftAndPerhapsNoRoot) {
  v1::Bundle bundle;
  bundle.set_draft("draft");

  const auto parsed = parse_bundle(encode_bundle(bundle));

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->draft(), "draft");
}

TEST(Bundle, CarriesAHeadWithItsFeedAndAttestations) {
  auto bundle = example();
  bundle.set_head("head");
  bundle.set_feed("feed");
  bundle.set_attestations("attestations");

  const auto parsed = parse_bundle(encode_bundle(bundle));

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->SerializeAsString(), bundle.SerializeAsString());
}

v1::Bundle of(const MadeFeed& publisher, const Announced& announced) {
  v1::Bundle bundle;
  for (const auto& root : publisher.roots) bundle.add_roots(std::string(as_text(root)));
  bundle.set_head(std::string(as_text(announced.head.envelope().raw)));
  bundle.set_feed(std::string(as_text(announced.feed)));
  return bundle;
}

TEST(Bundle, HoldsAHeadThatIsWholeOrSaysWhatIsWrong) {
  MadeFeed acme;
  acme.list("atlas", "1.0.0", 1);
  const auto announced = acme.announce();
  const auto whole = of(acme, announced);
  EXPECT_TRUE(check_news_in(whole, acme.chain()));
  acme.rotate();
  // By a root before the newest: old, but what it was.
  EXPECT_TRUE(check_news_in(whole, acme.chain()));
  // By one that the file does not have yet.
  const MadeFeed before;
  EXPECT_TRUE(check_news_in(of(before, acme.announce()), before.chain()));

  auto flipped = whole;
  flipped.mutable_feed()->back() ^= 1;
  auto cut = whole;
  cut.mutable_head()->pop_back();
  auto forged = of(acme, acme.announce(/*signer=*/22));
  auto unlisted = whole;
  unlisted.set_attestations("owrd-attestations-1\n");
  const auto other = of(MadeFeed("other", 60), MadeFeed("other", 60).announce());
  struct Case {
    v1::Bundle bundle;
    std::string says;
  };
  const Case cases[] = {{flipped, "bundle: the feed of head 1 is not the one that it pins"},
                        {cut, "bundle: its head does not hold: "},
                        {forged, "bundle: its head does not hold: "},
                        {unlisted, "bundle: the list of attestations of head 1"},
                        {other, "bundle: its head does not hold: it is of another publisher"}};
  for (const auto& [bundle, says] : cases) {
    const auto checked = check_news_in(bundle, acme.chain());
    ASSERT_FALSE(checked) << says;
    EXPECT_TRUE(checked.error().message.starts_with(says)) << checked.error().message;
    EXPECT_FALSE(checked.error().hint.empty());
  }
}

TEST(Bundle, HoldsOneOfEachSignedThingButRoots) {
  for (int field = 1; field <= 8; ++field) {
    SCOPED_TRACE(field);
    const std::string part = std::string(1, static_cast<char>(field << 3 | 2)) + "\x03" + "a:1";
    const bool is_repeated = field == 1 || field == 3 || field == 4;
    const auto error = error_of(kMagic + part + part);
    EXPECT_EQ(error.find("trailing bytes") == error.npos, is_repeated) << error;
  }
}

TEST(Bundle, TellsGarbageFromCutShortFromTrailing) {
  const auto good = encoded(example());
  const struct {
    std::string bytes, error;
  } cases[] = {
      {"", "is cut short after 0 bytes"},
      {"owrd-bun", "is cut short after 8 bytes"},
      {"owrd-bundle-1", "is cut short after 13 bytes"},
      {"<!DOCTYPE html>", "is not an owrd bundle (its first line is not owrd-bundle-1)"},
      {std::string(100, '\0'), "is not an owrd bundle (its first line is not owrd-bundle-1)"},
      {"owrd-bundle-1\r\n" + good.substr(kMagic.size()),
       "was damaged by a transfer in text mode (its line ends were changed)"},
      {"owrd-bundle-2\nxyz", "has a format that this version of owrd does not know"},
      {"owrd-bundle-10\nxyz", "has a format that this version of owrd does not know"},
      {kMagic + "hello, world", "holds no bundle after its first line: garbage at byte 14"},
      {kMagic + std::string("\0\0", 2), "holds no bundle after its first line: garbage at byte 14"},
      {kMagic + "\x08\x01", "holds no bundle after its first line: garbage at byte 14"},
      {kMagic, "holds no publisher's root"},
      {good.substr(0, good.size() - 1), "is cut short: its last part does not end within the " +
                                            std::to_string(good.size() - 1) +
                                            " bytes that are there"},
      {good.substr(0, 15),
       "is cut short: its last part does not end within the 15 bytes that are there"},
      {good.substr(0, 16),
       "is cut short: its last part does not end within the 16 bytes that are there"},
      {good + std::string(1, '\0'),
       "has trailing bytes or is damaged at byte " + std::to_string(good.size())},
      {good + "\n", "has trailing bytes or is damaged at byte " + std::to_string(good.size())},
      {good + good, "has trailing bytes or is damaged at byte " + std::to_string(good.size())},
      {good + good.substr(kMagic.size()),
       "has trailing bytes or is damaged at byte " + std::to_string(good.size())},
      {kMagic + "\x0a\x81" + std::string("\0x", 2), "has trailing bytes or is damaged at byte 16"},
      {kMagic + "\x0a" + std::string("\0", 1), "has trailing bytes or is damaged at byte 15"},
      {kMagic + "\x0a\xff\xff\xff\xff\x0f", "has trailing bytes or is damaged at byte 19"},
  };
  for (const auto& [bytes, error] : cases) {
    SCOPED_TRACE(error);
    EXPECT_EQ(error_of(bytes), "bundle: " + error);
  }
}

TEST(Bundle, NeverAcceptsACutInsideAPart) {
  const auto good = encoded(example());
  int whole = 0;
  for (std::size_t size = 0; size < good.size(); ++size)
    if (parse_bundle(as_bytes(good.substr(0, size)))) ++whole;
  // Cuts between two parts leave a smaller bundle: after each part but the last.
  EXPECT_EQ(whole, 5);
}

TEST(Bundle, KeepsItsLimits) {
  const struct {
    std::function<void(v1::Bundle&)> change;
    std::string error;
  } cases[] = {
      {[](auto& b) { b.clear_roots(); }, "holds no publisher's root"},
      {[](auto& b) {
         for (int i = 0; i < 255; ++i) b.add_roots("r");
       },
       "holds more than 256 roots"},
      {[](auto& b) { b.add_roots(std::string(128 * 1024 + 1, 'r')); },
       "holds a root that is too long"},
      {[](auto& b) { b.set_manifest(std::string(9 * 1024 * 1024, 'm')); },
       "holds a manifest that is too long"},
      {[](auto& b) { b.set_manifest(std::string(33 * 1024 * 1024, 'm')); },
       "is longer than 32 MiB"},
      {[](auto& b) { b.set_draft(std::string(128 * 1024 + 1, 'r')); },
       "holds a draft of a root that is too long"},
      {[](auto& b) {
         b.set_head(std::string(8 * 1024, 'h'));
         b.set_feed("feed");
       },
       "holds a head that is too long"},
      {[](auto& b) {
         b.set_head("head");
         b.set_feed("feed");
         b.set_attestations(std::string((4 << 20) + 1, 'a'));
       },
       "holds attestations over 4 MiB"},
      {[](auto& b) { b.set_feed("feed"); }, "holds a part of a feed without the rest"},
      {[](auto& b) { b.set_attestations("a"); }, "holds a part of a feed without the rest"},
      {[](auto& b) {
         b.set_head("head");
         b.set_attestations("a");
       },
       "holds a part of a feed without the rest"},
      {[](auto& b) {
         for (int i = 0; i < 50; ++i) b.add_peers("a:1");
       },
       "names more than 50 peers"},
      {[](auto& b) {
         for (int i = 0; i < 32; ++i) b.add_trackers("http://a");
       },
       "names more than 32 trackers"},
      {[](auto& b) { b.add_peers("nowhere"); },
       R"(peer "nowhere": expected HOST:PORT, 1.2.3.4:PORT or [IPV6]:PORT)"},
      {[](auto& b) { b.add_trackers("gopher://a"); },
       R"(tracker "gopher://a": expected http://, https:// or udp://)"},
  };
  for (const auto& [change, error] : cases) {
    SCOPED_TRACE(error);
    auto bundle = example();
    change(bundle);
    EXPECT_EQ(error_of(encoded(bundle)), "bundle: " + error);
  }
}

TEST(Bundle, RefusesHintsThatAreNotText) {
  EXPECT_EQ(error_of(kMagic + "\x0a\x01r\x1a\x01\xff"), "bundle: holds text that is not UTF-8");
}

}  // namespace
}  // namespace owrd::release
