#include "daemon/engine/reusing.h"

#include <fstream>

#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

namespace fs = std::filesystem;

class ReuseTest : public EngineTest {
 protected:
  static MadeRelease next_version(const MadePublisher& publisher) {
    return make_release(publisher, [](v1::Manifest& manifest) {
      manifest.set_version("1.1.0");
      manifest.set_dir("atlas-1.1.0");
    });
  }
  /// Of the files that come from elsewhere: all but owrd's own.
  std::uint64_t shared_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& file : next_.torrent.files)
      if (!file.path.ends_with(".owrd")) bytes += file.length;
    return bytes;
  }
  /// Gets the next version whole.
  ReleaseView complete_next(const GetRequest& request) {
    const auto asker = get(request);
    EXPECT_TRUE(until_given(next_, [&] { return asker->done.has_value(); }));
    EXPECT_TRUE(asker->is_ok()) << asker->error().message;
    return engine().show(*parse_ref("acme/atlas:1.1.0"))->release;
  }
  static void flip(const fs::path& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(byte);
  }

  const MadeRelease next_ = next_version(acme_);
};

TEST_F(ReuseTest, GivesFilesOfTheStoreASecondName) {
  complete(by_bundle(release_));
  const auto first = view().directory;
  const auto second = complete_next(by_bundle(next_));
  EXPECT_EQ(second.bytes_reused, shared_bytes());
  EXPECT_TRUE(next_.is_at(second.directory));
  EXPECT_TRUE(fs::equivalent(first / "model.safetensors", second.directory / "model.safetensors"));

  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  ASSERT_TRUE(until([&] { return !fs::exists(first); }));
  EXPECT_TRUE(next_.is_at(second.directory)) << "what another release uses stays";
}

TEST_F(ReuseTest, CopiesToAGivenDirectory) {
  complete(by_bundle(release_));
  const auto second = complete_next(by_bundle(next_, to_));
  EXPECT_EQ(second.bytes_reused, shared_bytes());
  EXPECT_TRUE(next_.is_at(to_));
  EXPECT_FALSE(fs::equivalent(view().directory / "model.safetensors", to_ / "model.safetensors"));
}

TEST_F(ReuseTest, FetchesWhatWasDamagedWhereItLay) {
  complete(by_bundle(release_));
  flip(view().directory / "model.safetensors", 2 * 64 * 1024 + 5);
  const auto second = complete_next(by_bundle(next_));
  EXPECT_LT(second.bytes_reused, shared_bytes());
  EXPECT_TRUE(next_.is_at(second.directory));
}

TEST_F(ReuseTest, LooksInTheDirectoriesThatAreNamed) {
  const auto old = home_ / "old";
  fs::create_directories(old / "deep");
  next_.write(old, "model.safetensors");
  flip(old / "model.safetensors", 64 * 1024);
  next_.write(old, "tokenizer/vocab.txt");
  fs::rename(old / "tokenizer/vocab.txt", old / "deep/another-name");
  std::ofstream(old / "deep/other") << "nothing of the kind";

  auto request = by_bundle(next_, to_);
  request.reuse = {old.string(), (home_ / "missing").string()};
  const auto second = complete_next(request);

  const auto& torrent = next_.torrent;
  const auto model = torrent.files[*torrent.find("model.safetensors")].length;
  const auto vocab = torrent.files[*torrent.find("tokenizer/vocab.txt")].length;
  EXPECT_EQ(second.bytes_reused, model - 64 * 1024 + vocab);
  EXPECT_TRUE(next_.is_at(to_));
}

TEST_F(ReuseTest, RepairsASharedFileWithoutWritingToItsOtherName) {
  complete(by_bundle(release_));
  const auto first = view().directory;
  const auto second = complete_next(by_bundle(next_));
  flip(second.directory / "model.safetensors", 3);
  const auto repaired = verify(Target{*parse_ref("acme/atlas:1.1.0"), {}}, /*repair=*/true);
  ASSERT_TRUE(until_given(next_, [&] { return repaired->done.has_value(); }));
  ASSERT_TRUE(repaired->is_ok()) << repaired->error().message;
  EXPECT_TRUE(next_.is_at(second.directory));
  EXPECT_FALSE(fs::equivalent(first / "model.safetensors", second.directory / "model.safetensors"));
}

}  // namespace
}  // namespace owrd::engine
