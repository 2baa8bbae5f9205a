#include "daemon/release/path_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace owrd::release {
namespace {

std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Paths, AcceptsWhatModelReleasesHold) {
  const std::string paths[] = {
      "model.safetensors",
      "model-00001-of-00030.safetensors",
      "a/b/c/d/e/f/g/h",
      ".gitattributes",
      "..a",
      "a..b",
      "...a",
      "README (copy) [1] {2} #3 'x' ~ !@$%^&+=,;.md",
      " leading space",
      "-rf",
      "common.txt",
      "comx",
      "com10",
      "nullable.json",
      "auxiliary/conf",
      "\xc3\xa9t\xc3\xa9.txt",                      // été, composed
      "\xe6\xa8\xa1\xe5\x9e\x8b/\xe6\x9d\x83.bin",  // Chinese
      "\xd7\xa9\xd7\x9c.txt",                       // Hebrew letters; only the controls are refused
      "\xf0\x9f\xa4\x97.md",                        // an emoji
      "layers.owrd",
      "sub/release.owrd",
      std::string(255, 'x'),
      repeat(std::string(127, 'x') + "/", 7) + std::string(128, 'y'),
  };
  for (const auto& path : paths) {
    const auto checked = check_path(path);
    EXPECT_TRUE(checked) << path << ": " << checked.error().message;
  }
}

TEST(Paths, RefusesEveryOtherKindByItsReason) {
  const std::string kEmptyElement = "has an empty element";
  const std::string kDevice = ", a device name on Windows";
  const std::string kNotUtf8 = "is not valid UTF-8";
  const std::string kControl = "holds a control character";
  const std::string kFormat = "holds an invisible formatting character";
  const std::string kPrivate = "holds a private-use character";
  const std::string kUnassigned = "holds a character that Unicode 14 does not assign";
  const std::string kSpace = "holds a space other than the plain one";
  const std::string kInvisible = "holds an invisible character";
  const std::string kDotOrSpace = "has an element that ends in a dot or a space";
  const std::string kNotNfc = "is not in the Unicode normal form NFC";
  const auto unportable = [](const std::string& c) {
    return "holds the character " + c + ", which is not portable";
  };
  const struct {
    std::string path, fault;
  } cases[] = {
      {"", "is empty"},
      {"/", "is absolute"},
      {"/etc/passwd", "is absolute"},
      {"//host/share", "is absolute"},
      {"a//b", kEmptyElement},
      {"a/", kEmptyElement},
      {"a/b//", kEmptyElement},
      {".", "has the element \".\""},
      {"..", "has the element \"..\""},
      {"../a", "has the element \"..\""},
      {"a/../b", "has the element \"..\""},
      {"a/..", "has the element \"..\""},
      {"./a", "has the element \".\""},
      {"a/./b", "has the element \".\""},
      {"a/.", "has the element \".\""},
      {"...", kDotOrSpace},
      {"a.", kDotOrSpace},
      {"a./b", kDotOrSpace},
      {"a ", kDotOrSpace},
      {"a /b", kDotOrSpace},
      {" ", kDotOrSpace},
      {".. /a", kDotOrSpace},
      {std::string("a\0b", 3), kControl},
      {std::string("\0", 1), kControl},
      {"a\nb", kControl},
      {"a\rb", kControl},
      {"a\tb", kControl},
      {"\x1b[31mred", kControl},
      {"a\x7f", kControl},
      {"a\xc2\x85", kControl},  // U+0085, next line
      {"a\\b", unportable("\\")},
      {"..\\a", unportable("\\")},
      {"C:", unportable(":")},
      {"C:\\a", unportable(":")},
      {"file.txt:stream", unportable(":")},
      {"a*", unportable("*")},
      {"a?", unportable("?")},
      {"a\"b", unportable("\"")},
      {"a<b", unportable("<")},
      {"a>b", unportable(">")},
      {"a|b", unportable("|")},
      {"CON", "has the element \"CON\"" + kDevice},
      {"con", "has the element \"con\"" + kDevice},
      {"nul.txt", "has the element \"nul.txt\"" + kDevice},
      {"a/NUL", "has the element \"NUL\"" + kDevice},
      {"aux/b", "has the element \"aux\"" + kDevice},
      {"prn.tar.gz", "has the element \"prn.tar.gz\"" + kDevice},
      {"CON .txt", "has the element \"CON .txt\"" + kDevice},
      {"com1", "has the element \"com1\"" + kDevice},
      {"COM9.bin", "has the element \"COM9.bin\"" + kDevice},
      {"lpt5", "has the element \"lpt5\"" + kDevice},
      {"com\xc2\xb9", "has the element \"com\\xc2\\xb9\"" + kDevice},  // superscript one
      {"CONIN$", "has the element \"CONIN$\"" + kDevice},
      {"clock$.a", "has the element \"clock$.a\"" + kDevice},
      {"a\x80", kNotUtf8},
      {"a\xff", kNotUtf8},
      {"\xc0\xaf", kNotUtf8},          // overlong '/'
      {"\xc0\x80", kNotUtf8},          // overlong NUL
      {"\xe0\x80\xaf", kNotUtf8},      // overlong '/', three bytes
      {"\xed\xa0\x80", kNotUtf8},      // a surrogate
      {"\xf4\x90\x80\x80", kNotUtf8},  // beyond U+10FFFF
      {"a\xe2\x82", kNotUtf8},         // cut short
      {"a\xe2\x80\xae"
       "b",
       kFormat},  // U+202E right-to-left override
      {"a\xe2\x81\xa6"
       "b",
       kFormat},  // U+2066 left-to-right isolate
      {"a\xe2\x80\x8e"
       "b",
       kFormat},  // U+200E left-to-right mark
      {"a\xe2\x80\x8b"
       "b",
       kFormat},  // U+200B zero-width space
      {"a\xe2\x80\x8d"
       "b",
       kFormat},  // U+200D zero-width joiner
      {"\xef\xbb\xbf"
       "a",
       kFormat},  // U+FEFF byte order mark
      {"a\xc2\xad"
       "b",
       kFormat},                        // U+00AD soft hyphen
      {"a\xf3\xa0\x81\x81", kFormat},   // U+E0041 tag A
      {"a\xee\x80\x80", kPrivate},      // U+E000
      {"a\xf4\x80\x80\x80", kPrivate},  // U+100000
      {"a\xef\xbf\xbf", kUnassigned},   // U+FFFF
      {"a\xcd\xb8", kUnassigned},       // U+0378
      {"a\xc2\xa0"
       "b",
       kSpace},  // no-break space
      {"a\xe3\x80\x80"
       "b",
       kSpace},  // ideographic space
      {"a\xe2\x80\xa8"
       "b",
       "holds a line or paragraph separator"},
      {"a\xe2\x80\xa9"
       "b",
       "holds a line or paragraph separator"},
      {"a\xe3\x85\xa4"
       "b",
       kInvisible},                           // U+3164 Hangul filler
      {"a\xef\xb8\x8f", kInvisible},          // U+FE0F variation selector
      {"a\xcd\x8f", kInvisible},              // U+034F grapheme joiner
      {"e\xcc\x81.txt", kNotNfc},             // é, decomposed
      {"\xe2\x84\xab", kNotNfc},              // the Angstrom sign
      {"\xe1\x84\x80\xe1\x85\xa1", kNotNfc},  // Hangul in parts
      {"a/b/c/d/e/f/g/h/i", "has more than 8 elements"},
      {std::string(256, 'x'), "has an element of more than 255 bytes"},
      {repeat("\xc3\xa9", 128), "has an element of more than 255 bytes"},
      {repeat(std::string(128, 'x') + "/", 7) + std::string(122, 'y'), "is longer than 1024 bytes"},
  };
  ASSERT_GE(std::size(cases), 60U);
  for (const auto& [path, fault] : cases) {
    SCOPED_TRACE(path);
    const auto checked = check_path(path);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::InvalidInput);
    EXPECT_TRUE(checked.error().message.starts_with("file \"")) << checked.error().message;
    EXPECT_TRUE(checked.error().message.ends_with(": " + fault)) << checked.error().message;
    EXPECT_TRUE(checked.error().hint.starts_with("rename it")) << checked.error().hint;
    EXPECT_EQ(find_path_fault(path), fault);
  }
}

TEST(Paths, RefusesAMessageThatCouldSpeakForItself) {
  const auto checked = check_path("a\x1b[2J\nerror: all is well");

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message,
            "file \"a\\x1b[2J\\x0aerror: all is well\": holds a control character");
}

TEST(Paths, RefusesPathsThatCollide) {
  const struct {
    std::vector<std::string> paths;
    std::string error;
  } cases[] = {
      {{"a", "a"}, R"(file "a": is listed twice)"},
      {{"README.md", "readme.md"},
       R"(file "readme.md": differs from "README.md" only by letter case)"},
      {{"A/x", "a/y"}, R"(file "a/y": differs from "A" only by letter case)"},
      {{"A/x", "a"}, R"(file "a": differs from "A" only by letter case)"},
      {{"a", "a/b"}, R"(file "a/b": "a" is a directory and a file)"},
      {{"a/b", "a"}, R"(file "a": "a" is a directory and a file)"},
      {{"a/b/c", "a/b"}, R"(file "a/b": "a/b" is a directory and a file)"},
      {{"\xc3\x89", "\xc3\xa9"}, R"(file "\xc3\xa9": differs from "\xc3\x89" only by letter case)"},
      {{"\xce\xa3", "\xcf\x82"}, R"(file "\xcf\x82": differs from "\xce\xa3" only by letter case)"},
      {{"\xc5\xbf", "s"}, R"(file "s": differs from "\xc5\xbf" only by letter case)"},  // long s
      {{"stra\xc3\x9f"
        "e",
        "STRASSE"},
       R"(file "STRASSE": differs from "stra\xc3\x9fe" only by letter case)"},
      {{"ok", "../x"}, R"(file "../x": has the element "..")"},
  };
  for (const auto& [paths, error] : cases) {
    SCOPED_TRACE(error);
    const auto checked = check_paths(paths);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message, error);
  }
}

TEST(Paths, AcceptsPathsThatShareDirectories) {
  EXPECT_TRUE(check_paths({}));
  EXPECT_TRUE(check_paths({"a", "a-b", "a.b", "b/a", "b/a-x", "b/c/a", "c/a"}));
}

TEST(Paths, AreOrderedElementByElement) {
  // Plain byte order would put "a-b" and "a.b" before "a/b".
  const std::vector<std::string> in_order = {"B",   "a/b",  "a/b-c", "a-b",
                                             "a.b", "a0/x", "b",     "\xc3\xa9"};
  for (std::size_t i = 0; i < in_order.size(); ++i)
    for (std::size_t j = 0; j < in_order.size(); ++j)
      EXPECT_EQ(tree_order(in_order[i], in_order[j]), i < j) << in_order[i] << " " << in_order[j];
}

std::vector<std::string> elements_of(const std::string& path) {
  std::vector<std::string> elements(1);
  for (const char c : path) {
    if (c == '/')
      elements.emplace_back();
    else
      elements.back() += c;
  }
  return elements;
}

TEST(Paths, OrderIsThatOfTheirElementsForAnyBytes) {
  std::mt19937 random(20260102);
  const std::string alphabet = "/-.a\xc3\xff ";
  const auto any_path = [&] {
    std::string path;
    for (auto size = random() % 7; size > 0; --size) path += alphabet[random() % alphabet.size()];
    return path;
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto a = any_path();
    const auto b = any_path();
    // std::string compares as unsigned bytes.
    EXPECT_EQ(tree_order(a, b), elements_of(a) < elements_of(b)) << a << " | " << b;
  }
}

// Whatever the rules let through can be split, is as it was made, and climbs nowhere.
TEST(Paths, AcceptedOnesHoldNothingThatAFileSystemActsOn) {
  std::mt19937 random(7);
  const std::string pieces[] = {"a",   "..", ".",        "/",         "\\",
                                " ",   ":",  "\xc3\xa9", "e\xcc\x81", "\xe2\x80\xae",
                                "nul", "A",  "\x01",     "-"};
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string path;
    for (auto count = 1 + random() % 6; count > 0; --count)
      path += pieces[random() % std::size(pieces)];
    if (!check_path(path)) continue;
    ++accepted;
    for (const auto& element : elements_of(path)) {
      EXPECT_FALSE(element.empty() || element == "." || element == "..") << path;
      EXPECT_EQ(element.find_first_of("\\:\x01"), element.npos) << path;
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace owrd::release
