#include "daemon/weights/zip.h"

#include <gtest/gtest.h>

#include "tests/weights/made_zip.h"

namespace owrd::weights {
namespace {

std::string reason_of(const std::string& zip) {
  TextSource source(zip);
  const auto directory = read_zip_directory(source);
  return directory ? "" : directory.error().message;
}

Result<std::string> read_member(const std::string& zip, std::string_view name) {
  TextSource source(zip);
  const auto directory = read_zip_directory(source);
  if (!directory) return directory.error();
  const auto member = open_zip_entry(source, *directory->find(name), 1 << 20);
  if (!member) return member.error();
  const auto bytes = (*member)->read(0, (*member)->size());
  if (!bytes) return bytes.error();
  return std::string(as_text(*bytes));
}

TEST(Zip, TellsMembersAndTheirPlaces) {
  const auto crc = crc_of("bb");
  const auto zip = made_zip(
      {{"a/x", "aaa"},
       {"a/y", "bb", 8, 0, ~0ULL, "", 0, 0, "", "PK\7\10" + le(crc, 4) + le(2, 4) + le(2, 4)},
       {"a/", ""}});
  TextSource source(zip);

  const auto directory = read_zip_directory(source);

  ASSERT_TRUE(directory) << directory.error().message;
  ASSERT_EQ(directory->entries.size(), 3U);
  const auto* entry = directory->find("a/y");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(zip.substr(entry->data.begin, entry->data.size()), "bb");
  EXPECT_EQ(*read_member(zip, "a/x"), "aaa");
  EXPECT_EQ(directory->find("b"), nullptr);
}

TEST(Zip, InflatesWhatIsNotTooLong) {
  // Python: zlib.compress(b"a" * 100, 9)[2:-4]
  const std::string deflated("\x4b\x4c\xa4\x3d\x00\x00", 6);
  const std::string plain(100, 'a');
  const MadeMember member{"a", deflated, 0, 8, 100, "", crc_of(plain) - crc_of(deflated)};
  auto wrong_size = member;
  wrong_size.size = 99;
  auto too_long = member;
  too_long.data = std::string(4096, 'x');
  too_long.size = 1 << 21;

  EXPECT_EQ(*read_member(made_zip({member}), "a"), plain);
  EXPECT_EQ(read_member(made_zip({wrong_size}), "a").error().message,
            "ZIP: member \"a\": does not inflate to the size that it says");
  EXPECT_EQ(read_member(made_zip({too_long}), "a").error().message,
            "ZIP: member \"a\": is deflated and too long to be inflated");
}

TEST(Zip, HoldsMembersAgainstTheirChecksum) {
  const auto zip = made_zip({{"a", "data", 0, 0, ~0ULL, "", 1}});

  EXPECT_EQ(read_member(zip, "a").error().message,
            "ZIP: member \"a\": its checksum does not match");
}

TEST(Zip, RefusesWithTheReason) {
  struct Case {
    std::string zip, reason;
  };
  const auto named = [](const std::string& name) { return made_zip({{name, "x"}}); };
  const MadeMember a{"a", "x"};
  auto overlapping = made_zip({a, {"b", "y"}});
  overlapping[overlapping.size() - 22 - 5] = 0;  // The second one's local offset.
  const auto no_path = [](const std::string& name) {
    return "member \"" + name + "\": no path inside the archive";
  };
  const Case cases[] = {
      {"", "the file is shorter than an end record"},
      {std::string(22, 'x'), "the file does not end with an end record"},
      {made_zip({a}) + "x", "the file does not end with an end record"},
      {made_zip({a}, "prefix"), "6 bytes before the first member"},
      {made_zip({a}, "", "hidden"), "member \"a\": 6 bytes behind it"},
      {made_zip({a, a}), "member \"a\": twice"},
      {made_zip({a, {"A", "x"}}), "member \"A\": twice"},
      {named("../a"), no_path("../a")},
      {named("/a"), no_path("/a")},
      {named("a\\b"), "member \"a\\x5cb\": no path inside the archive"},
      {named(""), no_path("")},
      {named("a/"), no_path("a/")},
      {made_zip({{"a", "x", 1}}), "member \"a\": encrypted"},
      {made_zip({{"a", "x", 0x40}}), "member \"a\": encrypted"},
      {made_zip({{"a", "x", 0x2000}}), "member \"a\": encrypted"},
      {made_zip({{"a", "x", 0x20}}), "member \"a\": flags 32"},
      {made_zip({{"a", "x", 0, 12}}), "member \"a\": method 12"},
      {made_zip({{"a", "x", 0, 0, 5}}), "member \"a\": stored in another size than its own"},
      {made_zip({{"a", "x", 0, 0, ~0ULL, "b"}}),
       "member \"a\": its two headers give different names"},
      {made_zip({{"a", "x", 0, 0, ~0ULL, "", 0, 0xA1FF}}), "member \"a\": a symbolic link"},
      {made_zip({{"a", "x", 0, 0, ~0ULL, "", 0, 0, "abc"}}),
       "member \"a\": bytes behind its extra fields"},
      {made_zip({{"a", "x", 0, 0, ~0ULL, "", 0, 0, le(1, 2) + le(9, 2)}}),
       "member \"a\": an extra field is too long"},
      {made_zip({{"a", "x", 0, 0, ~0ULL, "", 0, 0, le(0x7075, 2) + le(0, 2)}}),
       "member \"a\": has a second name"},
      {made_zip({{"a", "x", 8}}), "member \"a\": no data descriptor alone behind it"},
      {made_zip({{"a", "x", 8, 0, ~0ULL, "", 0, 0, "", std::string(16, 'x')}}),
       "member \"a\": its data descriptor disagrees with the directory"},
      {overlapping, "member \"a\": overlaps what follows it"},
  };
  for (const auto& [zip, reason] : cases) {
    SCOPED_TRACE(reason);
    EXPECT_EQ(reason_of(zip), "ZIP: " + reason);
  }
}

TEST(Zip, HoldsTheTwoHeadersToEachOther) {
  const auto zip = made_zip({{"a", "x"}});
  struct Case {
    std::size_t place;  // In the local header.
    std::string what;
  };
  const Case cases[] = {
      {6, "flags"}, {8, "methods"}, {14, "checksums"}, {18, "sizes"}, {22, "sizes"}};
  for (const auto& [place, what] : cases) {
    auto changed = zip;
    changed[place] = static_cast<char>(changed[place] ^ 8);
    EXPECT_EQ(reason_of(changed), "ZIP: member \"a\": its two headers give different " + what);
  }
}

}  // namespace
}  // namespace owrd::weights
