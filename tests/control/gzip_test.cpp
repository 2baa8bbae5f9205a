#include "daemon/control/gzip.h"

#include <gtest/gtest.h>

namespace owrd::control {
namespace {

using namespace std::string_literals;

constexpr std::uint64_t kLimit = 1'000'000;

/// printf hello | gzip -n, by GNU gzip 1.12.
const std::string kHello =
    "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03\xCB\x48\xCD\xC9\xC9\x07\x00\x86\xA6\x10\x36\x05\x00"
    "\x00\x00"s;

std::string text_of(const RpcResult<std::string>& result) {
  const auto* error = std::get_if<RpcError>(&result);
  return error == nullptr ? std::get<std::string>(result)
                          : error->code + ": " + error->error.message;
}

TEST(Gzip, GivesBackWhatItTook) {
  std::string noise;
  for (std::uint32_t i = 0, state = 1; i < 300'000; ++i, state = state * 1664525 + 1013904223)
    noise += static_cast<char>(state >> 24);
  for (const auto& bytes : {""s, "x"s, std::string(kLimit, 'x'), noise}) {
    SCOPED_TRACE(bytes.size());
    const auto result = gunzip(gzip(bytes), kLimit);
    ASSERT_TRUE(std::holds_alternative<std::string>(result)) << text_of(result);
    EXPECT_TRUE(std::get<std::string>(result) == bytes);
  }
  EXPECT_LT(gzip(std::string(kLimit, 'x')).size(), kLimit / 100);
}

TEST(Gzip, ReadsWhatOthersWrite) {
  EXPECT_EQ(text_of(gunzip(kHello, kLimit)), "hello");
  // A stored block, and a header with a file name and a comment.
  EXPECT_EQ(text_of(gunzip("\x1F\x8B\x08\x18\0\0\0\0\0\xFF"s
                           "a.json\0about it\0"s
                           "\x01\x05\x00\xFA\xFF"s
                           "hello\x86\xA6\x10\x36\x05\0\0\0"s,
                           kLimit)),
            "hello");
}

TEST(Gzip, ReadsMemberAfterMember) {
  EXPECT_EQ(text_of(gunzip(kHello + gzip("") + gzip(", world"), kLimit)), "hello, world");
}

TEST(Gzip, StopsAtTheLimit) {
  EXPECT_EQ(text_of(gunzip(kHello, 5)), "hello");
  const std::string refusal =
      "resource_exhausted: request: decompressed, larger than the limit of 4 bytes";
  EXPECT_EQ(text_of(gunzip(kHello, 4)), refusal);
  EXPECT_EQ(text_of(gunzip(gzip("abc") + gzip("de"), 4)), refusal);
  EXPECT_EQ(text_of(gunzip(gzip(std::string(50'000'000, '\0')), 4)), refusal);
  EXPECT_EQ(text_of(gunzip(gzip(""), 0)), "");
}

TEST(Gzip, SaysWhatIsWrong) {
  const auto with = [](std::size_t at, char byte) {
    auto bytes = kHello;
    bytes[at] = byte;
    return bytes;
  };
  struct Case {
    std::string bytes, message;
  };
  const Case cases[] = {
      {"", "ends before its gzip does"},
      {kHello.substr(0, 1), "ends before its gzip does"},
      {kHello.substr(0, 12), "ends before its gzip does"},
      {kHello.substr(0, kHello.size() - 1), "ends before its gzip does"},
      {kHello + kHello.substr(0, 12), "ends before its gzip does"},
      {kHello + "abc", "ends with 3 bytes that are no gzip"},
      {kHello + "\0"s, "ends with 1 bytes that are no gzip"},
      {"{\"name\":\"acme\"}", "not gzip: incorrect header check"},
      {"\x78\x9C\xCB\x48\xCD\xC9\xC9\x07\x00\x06\x2C\x02\x15"s,  // zlib's own format
       "not gzip: incorrect header check"},
      {with(2, 7), "not gzip: unknown compression method"},
      {with(3, '\x80'), "not gzip: unknown header flags set"},
      {with(10, '\x07'), "not gzip: invalid block type"},
      {with(17, 0), "not gzip: incorrect data check"},
      {with(21, 6), "not gzip: incorrect length check"},
  };
  for (const auto& [bytes, message] : cases) {
    SCOPED_TRACE(message);
    EXPECT_EQ(text_of(gunzip(bytes, kLimit)), "invalid_argument: request: " + message);
  }
}

}  // namespace
}  // namespace owrd::control
