#include "daemon/exports/sha256sums.h"

#include <gtest/gtest.h>

#include "tests/exports/rich_release.h"

namespace owrd::exports {
namespace {

TEST(Sha256sums, ListsAllFilesOfTheManifest) {
  const auto manifest = testing::bare_manifest();

  const auto exported = sha256sums(manifest);

  std::string expected;
  for (const auto& file : manifest.files())
    expected += file.sha256.to_hex() + "  " + file.path + "\n";
  EXPECT_EQ(as_text(exported.bytes), expected);
  EXPECT_EQ(exported.suggested_name, "SHA256SUMS");
}

TEST(Sha256sums, EscapesAsCoreutilsDo) {
  struct Case {
    std::string path, line;
  };
  const auto digest = testing::bare_manifest().files()[0].sha256;
  const auto hex = digest.to_hex();
  const Case cases[] = {{"a", hex + "  a\n"},
                        {" a", hex + "   a\n"},
                        {"a/b c", hex + "  a/b c\n"},
                        {"-", hex + "  ./-\n"},
                        {"-a", hex + "  -a\n"},
                        {"a\\b", "\\" + hex + "  a\\\\b\n"},
                        {"a\nb", "\\" + hex + "  a\\nb\n"},
                        {"a\rb", "\\" + hex + "  a\\rb\n"}};
  for (const auto& [path, line] : cases) EXPECT_EQ(sha256sums_line(digest, path), line);
}

}  // namespace
}  // namespace owrd::exports
