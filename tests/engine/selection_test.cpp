#include "daemon/engine/selection.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/made_release.h"

namespace owrd::engine {
namespace {

std::string names(const release::Torrent& torrent, const std::vector<bool>& wanted) {
  std::string text;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) text += (text.empty() ? "" : " ") + torrent.files[i].path;
  return text;
}

TEST(SelectFiles, TakesWhatIsIncludedAndNotExcludedAndAlwaysItsOwn) {
  const auto torrent = make_release(make_publisher()).torrent;
  using Globs = std::vector<std::string>;
  struct Case {
    Globs include, exclude;
    std::string selected;
  };
  const Case cases[] = {
      {{}, {}, "LICENSE empty.txt layers.owrd model.safetensors release.owrd tokenizer/vocab.txt"},
      {{"*.safetensors"}, {}, "layers.owrd model.safetensors release.owrd"},
      {{"*.txt"}, {}, "empty.txt layers.owrd release.owrd tokenizer/vocab.txt"},
      {{"tokenizer/*", "LICENSE"}, {}, "LICENSE layers.owrd release.owrd tokenizer/vocab.txt"},
      {{}, {"*.txt", "LICENSE"}, "layers.owrd model.safetensors release.owrd"},
      {{"*.txt"}, {"empty*"}, "layers.owrd release.owrd tokenizer/vocab.txt"},
      {{}, {"*.owrd", "t*"}, "LICENSE empty.txt layers.owrd model.safetensors release.owrd"},
      {{"[Ll]ICENS?"}, {}, "LICENSE layers.owrd release.owrd"}};
  for (const auto& [include, exclude, selected] : cases) {
    SCOPED_TRACE(selected);
    const auto wanted = select_files(torrent, include, exclude);
    ASSERT_TRUE(wanted) << wanted.error().message;
    EXPECT_EQ(names(torrent, *wanted), selected);
  }
}

TEST(SelectFiles, RefusesASelectionOfNothing) {
  const auto torrent = make_release(make_publisher()).torrent;
  using Globs = std::vector<std::string>;
  const std::pair<Globs, Globs> cases[] = {{{"*.gguf"}, {}},
                                           {{}, {"*"}},
                                           {{"license"}, {}},
                                           {{"release.owrd"}, {}},
                                           {{"LICENSE"}, {"LICENSE"}}};
  for (const auto& [include, exclude] : cases) {
    const auto wanted = select_files(torrent, include, exclude);
    ASSERT_FALSE(wanted);
    EXPECT_EQ(wanted.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(wanted.error().message, "no file of the release matches --include and --exclude");
    EXPECT_EQ(wanted.error().hint, "list its files: owrd show REF --files");
  }
}

}  // namespace
}  // namespace owrd::engine
