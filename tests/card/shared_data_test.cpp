#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/card/front_matter.h"
#include "daemon/card/lfs.h"
#include "daemon/card/release_toml.h"
#include "daemon/card/snapshot.h"
#include "daemon/release/description.h"

// Holds the readers against repositories as they are, when a collection of them is there.
namespace owrd::card {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  const char* set = std::getenv("OWRD_SHARED_DATA");
  return set != nullptr ? set : OWRD_SHARED_DATA_DIR;
}

std::optional<std::string> content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A folder on disk, none of whose weight files is looked into.
class FolderSnapshot : public Snapshot {
 public:
  explicit FolderSnapshot(fs::path folder) : folder_(std::move(folder)) {}
  std::string location() const override { return folder_.generic_string(); }
  std::vector<SnapshotFile> files() const override {
    std::vector<SnapshotFile> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      if (entry.is_regular_file())
        files.push_back({fs::relative(entry.path(), folder_).generic_string(), entry.file_size()});
    return files;
  }
  std::optional<std::string> read(const std::string& path, std::size_t limit_bytes) const override {
    auto text = content_of(folder_ / path);
    return text && text->size() <= limit_bytes ? text : std::nullopt;
  }
  const std::map<std::string, weights::Inventory, std::less<>>& inventories() const override {
    return none_;
  }

 private:
  fs::path folder_;
  std::map<std::string, weights::Inventory, std::less<>> none_;
};

/// Adds the files, so that paths are among them.
v1::Manifest with_files(v1::Manifest manifest, const Snapshot& snapshot) {
  for (const auto& file : snapshot.files()) manifest.add_files()->set_path(file.path);
  return manifest;
}

TEST(SharedCards, AreReadOrRefusedAsTheirNamesSay) {
  const auto folder = data_folder() / "huggingface+huggingface_hub/tests/fixtures/cards";
  if (!fs::exists(folder)) GTEST_SKIP() << "no collection of model cards at " << folder;

  const auto card = [&](const char* name) {
    return parse_front_matter(content_of(folder / name).value_or(""));
  };
  EXPECT_TRUE(card("sample_no_metadata.md"));
  EXPECT_FALSE(card("sample_invalid_card_data.md"));
  const auto invalid_index = card("sample_invalid_model_index.md");
  ASSERT_TRUE(invalid_index) << invalid_index.error().message;
  EXPECT_EQ(invalid_index->license, "mit");
  EXPECT_TRUE(invalid_index->evaluation.benchmarks.empty());
  EXPECT_EQ(invalid_index->evaluation.warnings.size(), 1U);
}

TEST(SharedRepositories, GiveSuggestionsThatKeepTheRules) {
  if (!fs::exists(data_folder()))
    GTEST_SKIP() << "no collection of repositories at " << data_folder();

  std::size_t repositories = 0;
  for (const auto& entry : fs::directory_iterator(data_folder())) {
    if (!fs::exists(entry.path() / "config.json")) continue;
    SCOPED_TRACE(entry.path().filename());
    ++repositories;
    const FolderSnapshot snapshot(entry.path());
    const auto suggested = suggest(snapshot);

    EXPECT_FALSE(suggested.said.architecture().family().empty());
    EXPECT_NE(suggested.said.architecture().layers(), 0U);
    const auto checked = release::check_description(with_files(suggested.said, snapshot));
    EXPECT_TRUE(checked) << checked.error().message;
    const auto file = parse_release_toml(write_release_toml({suggested.said}, suggested.found));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->said.SerializeAsString(), suggested.said.SerializeAsString());
    if (std::getenv("OWRD_SHARED_DATA_VERBOSE") == nullptr) continue;
    std::cout << suggested.said.DebugString();
    for (const auto* texts : {&suggested.found, &suggested.contradictions, &suggested.passed_over})
      for (const auto& text : *texts) std::cout << "  " << text << "\n";
  }
  if (repositories == 0) GTEST_SKIP() << "no repository with a config.json in " << data_folder();
}

TEST(SharedRepositories, HavePointersWithTheDigestsOfTheirTrees) {
  std::size_t pointers = 0;
  if (!fs::exists(data_folder()))
    GTEST_SKIP() << "no collection of repositories at " << data_folder();
  for (const auto& entry : fs::directory_iterator(data_folder())) {
    const auto tree = content_of(entry.path() / "_TREE.tsv");
    if (!tree) continue;
    SCOPED_TRACE(entry.path().filename());
    for (const auto& [path, digest] : expected_digests(FolderSnapshot(entry.path()))) {
      ++pointers;
      const auto line = tree->find(path + "\t");
      ASSERT_NE(line, std::string::npos) << path;
      EXPECT_NE(tree->substr(line, tree->find('\n', line) - line).find(digest.to_hex()),
                std::string::npos)
          << path;
    }
  }
  if (pointers == 0) GTEST_SKIP() << "no LFS pointers in " << data_folder();
}

}  // namespace
}  // namespace owrd::card
