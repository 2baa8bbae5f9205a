#include "daemon/core/bytes.h"

#include <gtest/gtest.h>

namespace owrd {
namespace {

TEST(Bytes, GoToHexAndBack) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));

  const auto text = to_hex(all);

  EXPECT_EQ(text.substr(0, 10), "0001020304");
  EXPECT_EQ(text.substr(506), "fdfeff");
  const auto back = parse_hex(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, all);
}

TEST(Bytes, RefuseWhatIsNotLowerCaseHex) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"0", "hexadecimal text: odd number of digits"},
      {"0G", "hexadecimal text: expected 0-9 and a-f at position 0"},
      {"00AB", "hexadecimal text: expected 0-9 and a-f at position 2"},
      {"0x", "hexadecimal text: expected 0-9 and a-f at position 0"},
      {" 0", "hexadecimal text: expected 0-9 and a-f at position 0"},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    const auto bytes = parse_hex(text);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().message, message);
  }
}

TEST(Bytes, SeeTheSameMemoryAsTextAndAsBytes) {
  const std::string text = "abc";

  EXPECT_EQ(as_text(as_bytes(text)), text);
  EXPECT_EQ(as_text(as_bytes(text)).data(), text.data());
  EXPECT_EQ(to_hex(to_bytes("abc")), "616263");
}

}  // namespace
}  // namespace owrd
