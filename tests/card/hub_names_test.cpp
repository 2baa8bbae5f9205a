#include "daemon/card/hub_names.h"

#include <gtest/gtest.h>

namespace owrd::card {
namespace {

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

TEST(HubNames, AreOneOrTwoPlainParts) {
  for (const auto* name : {"gpt2", "acme/atlas", "Acme-1/Atlas_7B.v2"})
    EXPECT_TRUE(is_repository(name)) << name;
  for (const auto* name : {"", "/", "a/", "/a", "a/b/c", "a--b", "a/..", "../b", "a/b.git", "a b",
                           "-a", "a/b-", "a/b?c", "a/b@1"})
    EXPECT_FALSE(is_repository(name)) << name;
  EXPECT_FALSE(is_full_repository("gpt2"));
  EXPECT_FALSE(is_repository(std::string(97, 'a')));
}

TEST(HubNames, TellTheOriginByTheCache) {
  const auto origin = origin_of_cache(
      "/home/ada/.cache/huggingface/hub/models--acme--atlas-7b/snapshots/" + kCommit + "/");

  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->purl, "pkg:huggingface/acme/atlas-7b@" + kCommit);
  EXPECT_EQ(origin->name, "atlas-7b");
  EXPECT_EQ(origin_of_cache("models--gpt2/snapshots/" + kCommit)->name, "gpt2");
}

TEST(HubNames, TellNoOriginByOtherFolders) {
  for (const auto& location :
       {std::string(), kCommit, "atlas/" + kCommit, "models--a--b/blobs/" + kCommit,
        "datasets--a--b/snapshots/" + kCommit, std::string("models--a--b/snapshots/main"),
        "models----b/snapshots/" + kCommit, "models--a--b--c/snapshots/" + kCommit,
        "models--a--b/snapshots/" + kCommit + "/unet"})
    EXPECT_FALSE(origin_of_cache(location)) << location;
}

TEST(HubNames, TellTheOriginByTheRemoteWithoutItsSecrets) {
  const std::pair<std::string, std::string> cases[] = {
      {"https://huggingface.co/acme/atlas", "pkg:huggingface/acme/atlas@"},
      {"https://huggingface.co/acme/atlas.git/", "pkg:huggingface/acme/atlas@"},
      {"https://ada:hf_secret@hf.co/acme/atlas", "pkg:huggingface/acme/atlas@"},
      {"git@hf.co:acme/atlas", "pkg:huggingface/acme/atlas@"},
      {"ssh://git@hf.co/acme/atlas.git", "pkg:huggingface/acme/atlas@"},
      {"git@github.com:acme/atlas.git", "pkg:github/acme/atlas@"},
      {"https://ada:secret@git.example.org/a/atlas.git", "git+https://git.example.org/a/atlas@"}};
  for (const auto& [url, purl] : cases) {
    const auto origin = origin_of_remote(url, kCommit);
    ASSERT_TRUE(origin) << url;
    EXPECT_EQ(origin->purl, purl + kCommit);
    EXPECT_EQ(origin->name, "atlas");
  }
}

TEST(HubNames, TellNoOriginByRemotesThatAreNowhereElse) {
  for (const auto* url :
       {"", "/srv/git/atlas", "../atlas", "./a:b", "file:///srv/atlas", "https://", "https:///a/b",
        "https://git.example.org/", "https://git.example.org/a b", "https://evil\x1b/a/b"})
    EXPECT_FALSE(origin_of_remote(url, kCommit)) << url;
  EXPECT_FALSE(origin_of_remote("https://hf.co/acme/atlas", "main"));
}

}  // namespace
}  // namespace owrd::card
