#include "daemon/content/scan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

const auto kWeights = "\x08\0\0\0\0\0\0\0{}      "s;

void put_release(const fs::path& directory) {
  put(directory / "model.safetensors", kWeights);
  put(directory / "config.json", "{}");
}

std::vector<std::string> paths_of(const Scan& scan) {
  std::vector<std::string> paths;
  for (const auto& file : scan.files) paths.push_back(file.path);
  return paths;
}

Error refusal_of(const fs::path& directory) {
  const auto scan = scan_directory(directory);
  EXPECT_FALSE(scan);
  return scan ? Error{ErrorCode::Internal, "was accepted"} : scan.error();
}

TEST(Scan, FindsFilesInTreeOrderWithTheirRoles) {
  const TemporaryDirectory directory;
  put_release(directory);
  put(directory / "LICENSE", "text");
  put(directory / "sub/a", "");
  put(directory / "sub-b", "1");
  put(directory / "release.owrd", "proof");
  put(directory / "layers.owrd", "layers");

  const auto scan = scan_directory(directory);

  ASSERT_TRUE(scan) << scan.error().message;
  EXPECT_EQ(paths_of(*scan), (std::vector<std::string>{"LICENSE", "config.json",
                                                       "model.safetensors", "sub/a", "sub-b"}));
  EXPECT_EQ(scan->files[2].role, v1::FILE_ROLE_WEIGHTS);
  EXPECT_EQ(scan->files[2].identity, *identify(directory, "model.safetensors"));
  EXPECT_TRUE(scan->left_out.empty());
  EXPECT_TRUE(scan->warnings.empty());
}

TEST(Scan, LeavesOutLitterWithAReason) {
  const TemporaryDirectory directory;
  put_release(directory);
  put(directory / ".git/config", "");
  put(directory / ".gitattributes", "");
  put(directory / "sub/.cache/huggingface/x", "");
  put(directory / "sub/.DS_Store", "");
  put(directory / "config.json~", "");
  put(directory / ".config.json.swp", "");
  put(directory / "._config.json", "");
  put(directory / "bad:name/Thumbs.db", "");
  fs::remove_all(directory / "bad:name");
  fs::create_symlink("kim@host.1", directory / ".#config.json");  // as Emacs does
  fs::create_directory(directory / "empty");

  const auto scan = scan_directory(directory);

  ASSERT_TRUE(scan) << scan.error().message;
  EXPECT_EQ(scan->files.size(), 2U);
  std::vector<std::string> left_out;
  for (const auto& [path, reason] : scan->left_out) left_out.push_back(path + ": " + reason);
  EXPECT_EQ(left_out, (std::vector<std::string>{
                          ".#config.json: left by an editor", "._config.json: left by the system",
                          ".config.json.swp: left by an editor", ".git/: version control",
                          ".gitattributes: version control", "config.json~: left by an editor",
                          "empty/: an empty directory", "sub/.DS_Store: left by the system",
                          "sub/.cache/: a cache"}));
}

TEST(Scan, WarnsOfHiddenFilesAndBrokenWeights) {
  const TemporaryDirectory directory;
  put_release(directory);
  put(directory / ".env", "TOKEN=1");
  put(directory / "second.safetensors", "");

  const auto scan = scan_directory(directory);

  ASSERT_TRUE(scan);
  EXPECT_EQ(scan->files.size(), 4U);
  EXPECT_EQ(scan->warnings, (std::vector<std::string>{
                                ".env is hidden and part of the release",
                                "second.safetensors is named like weights, but its content is not: "
                                "it may be truncated"}));
}

TEST(Scan, RefusesADirectoryThatIsMissingOrNoneOrEmpty) {
  const TemporaryDirectory directory;
  put(directory / "file", "");
  fs::create_directory(directory / "empty");

  const auto place = directory.path().string();

  EXPECT_EQ(refusal_of(directory / "missing").code, ErrorCode::NotFound);
  EXPECT_EQ(refusal_of(directory / "missing").hint, "see what is there: ls " + place);
  EXPECT_EQ(refusal_of(directory / "file").hint, "name the directory that it is in: " + place);
  EXPECT_EQ(refusal_of(directory / "empty").hint, "name the directory that holds the weights");
  EXPECT_EQ(refusal_of(directory / "file").message,
            (directory / "file").string() + " is not a directory");
  EXPECT_EQ(refusal_of(directory / "empty").message,
            (directory / "empty").string() + " is empty: there is nothing to publish");
  EXPECT_EQ(refusal_of(directory / "empty").code, ErrorCode::InvalidInput);
}

TEST(Scan, SaysOfADirectoryWithoutWeightsWhatIsMissing) {
  const TemporaryDirectory directory;
  put(directory / "config.json", "{}");
  const auto refusal_of = [](const fs::path& place) {
    const auto scan = scan_directory(place);
    return scan && scan->without_weights ? *scan->without_weights
                                         : Error{ErrorCode::Internal, "has weights"};
  };
  const auto prefix =
      directory.path().string() + " holds no weights (.safetensors, .gguf, .bin, .pt, …)";
  EXPECT_EQ(refusal_of(directory).message, prefix);
  EXPECT_EQ(refusal_of(directory).hint, "name the directory that holds them, or put them there");

  put(directory / "model.safetensors", "<html>");
  EXPECT_EQ(refusal_of(directory).message,
            prefix + ": model.safetensors is named like weights, but its content is not");
  EXPECT_EQ(refusal_of(directory).hint, "put a whole copy of model.safetensors there");
  EXPECT_EQ(refusal_of(directory).code, ErrorCode::InvalidInput);
}

TEST(Scan, RefusesAGitLfsPointer) {
  const TemporaryDirectory directory;
  put_release(directory);
  put(directory / "b.safetensors",
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n");

  const auto error = refusal_of(directory);

  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_EQ(error.message, (directory / "b.safetensors").string() +
                               " is a Git LFS pointer, not the file that it stands for");
  EXPECT_EQ(error.hint, "git -C " + directory.path().string() + " lfs pull");
}

TEST(Scan, RefusesSymbolicLinksAndSaysWhetherTheyLeadOut) {
  const TemporaryDirectory directory;
  put_release(directory / "r");
  put(directory / "outside", "");
  const auto link = (directory / "r/my link").string();

  fs::create_symlink("../outside", link);
  auto error = refusal_of(directory / "r");
  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_EQ(error.message,
            link +
                " is a symbolic link that leads out of the directory, to ../outside; a release "
                "holds only regular files");
  EXPECT_EQ(error.hint, "cp --remove-destination \"$(readlink -f '" + link + "')\" '" + link + "'");

  fs::remove(link);
  fs::create_symlink("config.json", link);
  error = refusal_of(directory / "r");
  EXPECT_EQ(error.message,
            link + " is a symbolic link to config.json; a release holds only regular files");
}

TEST(Scan, KnowsAHuggingFaceCache) {
  const TemporaryDirectory directory;
  put(directory / "blobs/0123", kWeights);
  fs::create_directories(directory / "snapshots/main");
  fs::create_symlink("../../blobs/0123", directory / "snapshots/main/model.safetensors");

  const auto error = refusal_of(directory / "snapshots/main");

  EXPECT_EQ(error.hint, "this is a Hugging Face cache; publish a copy without links: cp -rL " +
                            (directory / "snapshots/main").string() + " DIR");
}

TEST(Scan, RefusesWhatIsNoFileByName) {
  const TemporaryDirectory directory;
  put_release(directory);
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0666), 0);

  EXPECT_EQ(refusal_of(directory).message,
            (directory / "pipe").string() + " is a named pipe; a release holds only regular files");
}

TEST(Scan, RefusesNamesThatThePathRulesRefuse) {
  for (const auto* name : {"a:b", "CON", "end.", "a\tb", "sub/aux.json", "\xff"}) {
    const TemporaryDirectory directory;
    put_release(directory);
    put(directory / name, "");

    const auto error = refusal_of(directory);

    EXPECT_EQ(error.code, ErrorCode::InvalidInput) << name;
    EXPECT_NE(error.hint, "") << name;
  }
}

TEST(Scan, GivesTheCommandThatRenamesWhatCanBeTyped) {
  const TemporaryDirectory directory;
  const auto hint_on = [&](const std::string& name) {
    put_release(directory / "r");
    put(directory / "r" / name, "");
    const auto hint = refusal_of(directory / "r").hint;
    fs::remove_all(directory / "r");
    return hint;
  };
  const auto place = (directory / "r").string();

  EXPECT_EQ(hint_on("sub/a b:c"), "mv '" + place + "/sub/a b:c' " + place + "/sub/NEW-NAME");
  EXPECT_TRUE(hint_on("a\tb").starts_with("rename it")) << hint_on("a\tb");
  EXPECT_TRUE(hint_on("1/2/3/4/5/6/7/8/9").starts_with("rename it"))
      << hint_on("1/2/3/4/5/6/7/8/9");
}

TEST(Scan, RefusesNamesThatDifferOnlyByCase) {
  const TemporaryDirectory directory;
  put_release(directory);
  put(directory / "Config.json", "{}");
  EXPECT_NE(refusal_of(directory).message.find("onfig.json"), std::string::npos);
  EXPECT_TRUE(refusal_of(directory).hint.starts_with("rename one of the two"));

  fs::remove(directory / "Config.json");
  put(directory / "Release.owrd", "");
  EXPECT_NE(refusal_of(directory).message.find("elease.owrd"), std::string::npos);
}

TEST(Scan, IsDeniedByNameWhatItCannotRead) {
  const TemporaryDirectory directory;
  put_release(directory);
  put(directory / "tokenizer.json", "{}");
  ::chmod((directory / "tokenizer.json").c_str(), 0);
  const WithoutPrivileges nobody;

  const auto error = refusal_of(directory);

  EXPECT_EQ(error.code, ErrorCode::Denied);
  EXPECT_EQ(error.message,
            "reading " + (directory / "tokenizer.json").string() + ": Permission denied");
  EXPECT_EQ(error.hint, "chmod a+r " + (directory / "tokenizer.json").string());
}

TEST(Scan, TakesAsManyFilesAsAManifestHolds) {
  const TemporaryDirectory directory;
  put(directory / "model.safetensors", kWeights);
  for (int i = 1; i < 16'381; ++i) put(directory / ("d/" + std::to_string(i)), "");
  EXPECT_TRUE(scan_directory(directory));

  put(directory / "one-more", "");
  const auto error = refusal_of(directory);
  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_EQ(error.message, directory.path().string() +
                               " holds more than 16381 files, the most that a release can");
}

}  // namespace
}  // namespace owrd::content
