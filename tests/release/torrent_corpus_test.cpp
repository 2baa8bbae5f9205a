// Torrents that others made, when they are at hand: the info dictionary that owrd writes for their
// file tree must be theirs, byte for byte. Of a hybrid torrent, theirs means its v2 keys alone.
#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "daemon/release/torrent.h"

namespace owrd::release {
namespace {

namespace fs = std::filesystem;

/// Just enough of BEP 3 to walk a torrent: each dictionary gives the raw bytes of its values.
class Cursor {
 public:
  using Entries = std::map<std::string, std::string_view>;

  static std::optional<Entries> dictionary(std::string_view raw) {
    Cursor cursor(raw);
    Entries entries;
    if (!cursor.skip('d')) return std::nullopt;
    while (!cursor.skip('e')) {
      const auto key = cursor.take();
      const auto value = key ? cursor.take() : std::nullopt;
      if (!value) return std::nullopt;
      entries.emplace(text(*key), *value);
    }
    return entries;
  }
  static std::string text(std::string_view raw) {
    return std::string(raw.substr(std::min(raw.find(':'), raw.size() - 1) + 1));
  }
  static std::uint64_t number(std::string_view raw) {
    std::uint64_t value = 0;
    std::from_chars(raw.data() + 1, raw.data() + raw.size(), value);
    return value;
  }

 private:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// The raw bytes of the next value.
  std::optional<std::string_view> take() {
    const auto before = rest_;
    if (!pass(0)) return std::nullopt;
    return before.substr(0, before.size() - rest_.size());
  }

  bool pass(int depth) {
    if (rest_.empty() || depth > 50) return false;
    const char kind = rest_.front();
    if (kind == 'i') return pass_number();
    if (kind != 'd' && kind != 'l') return pass_text();
    rest_.remove_prefix(1);
    while (!skip('e'))
      if (!pass(depth + 1)) return false;
    return true;
  }
  bool pass_number() {
    const auto end = rest_.find('e');
    if (end == rest_.npos) return false;
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool pass_text() {
    std::size_t size = 0;
    const auto colon = rest_.find(':');
    if (colon == rest_.npos) return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + colon, size);
    if (error != std::errc() || end != rest_.data() + colon || size > rest_.size() - colon - 1)
      return false;
    rest_.remove_prefix(colon + 1 + size);
    return true;
  }

  std::string_view rest_;
};

bool list_files(std::string_view tree, const std::string& prefix, std::vector<TorrentFile>& out) {
  const auto entries = Cursor::dictionary(tree);
  if (!entries) return false;
  for (const auto& [name, raw] : *entries) {
    const auto node = Cursor::dictionary(raw);
    if (!node || name.empty()) return false;
    const auto file = node->find("");
    if (file == node->end()) {
      if (!list_files(raw, prefix + name + "/", out)) return false;
      continue;
    }
    const auto facts = Cursor::dictionary(file->second);
    if (!facts || !facts->contains("length")) return false;
    std::optional<Digest> root;
    if (facts->contains("pieces root")) {
      const auto digest = Digest::from_bytes(as_bytes(Cursor::text(facts->at("pieces root"))));
      if (!digest) return false;
      root = *digest;
    }
    out.push_back(TorrentFile{prefix + name, Cursor::number(facts->at("length")), root, 0, 0});
  }
  return true;
}

/// Nothing when this is no v2 torrent; otherwise whether owrd writes the same.
std::optional<bool> is_rederived(const std::string& torrent) {
  const auto outer = Cursor::dictionary(torrent);
  if (!outer || !outer->contains("info")) return std::nullopt;
  const auto info = Cursor::dictionary(outer->at("info"));
  if (!info || !info->contains("file tree")) return std::nullopt;
  std::vector<TorrentFile> files;
  if (!list_files(info->at("file tree"), "", files)) return std::nullopt;

  std::string theirs = "d";
  for (const char* key : {"file tree", "meta version", "name", "piece length", "private"})
    if (info->contains(key))
      theirs += std::to_string(std::string(key).size()) + ":" + key + std::string(info->at(key));
  theirs += "e";
  const auto ours =
      encode_info(Cursor::text(info->at("name")), Cursor::number(info->at("piece length")),
                  info->contains("private"), files);
  return ours == theirs;
}

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(TorrentCorpus, EveryModelReleaseMadeByOthersIsRederived) {
  const fs::path directory = fs::path(OWRD_SHARED_DATA_DIR) / "marella+modelregistry/models";
  if (!fs::exists(directory))
    GTEST_SKIP() << "SKIPPED: no torrents of other makers in " << directory;
  int compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().extension() != ".torrent") continue;
    const auto same = is_rederived(read_all(entry.path()));
    ASSERT_TRUE(same.has_value()) << entry.path();
    EXPECT_TRUE(*same) << entry.path();
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(TorrentCorpus, LibtorrentsOwnTestTorrentsAreRederivedWhereTheyAreStrict) {
  const fs::path directory =
      fs::path(OWRD_SHARED_DATA_DIR) / "arvidn+libtorrent/test/test_torrents";
  if (!fs::exists(directory))
    GTEST_SKIP() << "SKIPPED: no libtorrent test torrents in " << directory;
  for (const char* name :
       {"v2_incomplete_piece_layer", "v2_invalid_piece_layer_size", "v2_bad_file_alignment"})
    EXPECT_EQ(is_rederived(read_all(directory / (std::string(name) + ".torrent"))), true) << name;
  // Its files carry attributes (BEP 47), which owrd never writes.
  EXPECT_EQ(is_rederived(read_all(directory / "v2_hybrid.torrent")), false);
  // A number with a leading zero is not bencoding; written again it is another torrent.
  EXPECT_EQ(is_rederived(read_all(directory / "v2_overlong_integer.torrent")), false);
}

}  // namespace
}  // namespace owrd::release
