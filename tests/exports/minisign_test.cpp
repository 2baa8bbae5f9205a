#include "daemon/exports/minisign.h"

#include <gtest/gtest.h>

#include "tests/exports/lines.h"
#include "tests/trust/make.h"

namespace owrd::exports {
namespace {

using testing::lines_of;

Exported some_file() { return {"text/plain", "SHA256SUMS", to_bytes("hello owrd\n")}; }

TEST(Minisign, SaysWhatIsSignedInATrustedComment) {
  const auto key = trust::make_key(1);

  const auto exported = minisign_signature(some_file(), 1'790'000'000, "release:x", key);

  ASSERT_TRUE(exported) << exported.error().message;
  EXPECT_EQ(exported->suggested_name, "SHA256SUMS.minisig");
  const auto lines = lines_of(*exported);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(lines[1].starts_with("RU")) << "\"ED\", prehashed";
  EXPECT_EQ(lines[2], "trusted comment: timestamp:1790000000\tfile:SHA256SUMS\thashed\trelease:x");
}

TEST(Minisign, NamesTheSameKeyInSignatureAndPublicKey) {
  const auto key = trust::make_key(1);

  const auto signature = minisign_signature(some_file(), 0, "", key);
  const auto public_key = lines_of(minisign_public_key(key.public_key()));

  ASSERT_TRUE(signature) << signature.error().message;
  ASSERT_EQ(public_key.size(), 2U);
  // Two bytes of algorithm, then eight of the key's number: the third to thirteenth digit hold
  // them.
  EXPECT_EQ(lines_of(*signature)[1].substr(3, 10), public_key[1].substr(3, 10));
  EXPECT_EQ(public_key[1].size(), 56U);
}

TEST(Minisign, RefusesCommentsThatAreNotOneLine) {
  const auto key = trust::make_key(1);
  auto odd = some_file();
  odd.suggested_name = "a\nb";

  for (const auto& refused :
       {minisign_signature(odd, 0, "", key), minisign_signature(some_file(), 0, "a\nb", key),
        minisign_signature(some_file(), 0, std::string(9000, 'x'), key)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidInput);
    EXPECT_FALSE(refused.error().hint.empty());
  }
}

}  // namespace
}  // namespace owrd::exports
