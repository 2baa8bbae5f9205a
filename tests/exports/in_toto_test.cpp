#include "daemon/exports/in_toto.h"

#include <gtest/gtest.h>

#include "daemon/exports/names.h"
#include "tests/exports/lines.h"
#include "tests/exports/rich_release.h"
#include "tests/trust/make.h"

namespace owrd::exports {
namespace {

using testing::lines_of;

TEST(InToto, WithoutASignerIsBareStatements) {
  const auto manifest = testing::rich_manifest();

  const auto exported = in_toto(manifest, {}, nullptr);

  ASSERT_TRUE(exported) << exported.error().message;
  EXPECT_EQ(exported->suggested_name, "atlas-7b-1.2.0.intoto.jsonl");
  EXPECT_EQ(exported->media_type, "application/jsonl");
  const auto lines = lines_of(*exported);
  ASSERT_EQ(lines.size(), 4U) << "the release, two benchmarks, one audit";
  for (const auto& line : lines)
    EXPECT_TRUE(line.starts_with("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{"));
  EXPECT_TRUE(lines[0].ends_with(
      "\"predicateType\":\"https://in-toto.io/attestation/release/"
      "v0.1\",\"predicate\":{\"purl\":\"" +
      package_url(manifest) + "\",\"packageId\":\"" + package_id(manifest) + "\"}}"))
      << lines[0];
  EXPECT_NE(lines[1].find("\"annotations\":{\"metric\":\"accuracy\",\"value\":\"0.713\""),
            std::string::npos);
  EXPECT_NE(lines[3].find("\"result\":\"WARNED\""), std::string::npos);
  EXPECT_NE(lines[3].find("\"warnedTests\":[\"code.remote run.py\"]"), std::string::npos);
}

TEST(InToto, TheReleaseStatementNamesEveryFile) {
  const auto manifest = testing::rich_manifest();

  const auto exported = in_toto(manifest, {}, nullptr);

  ASSERT_TRUE(exported) << exported.error().message;
  const auto line = lines_of(*exported)[0];
  for (const auto& file : manifest.files())
    EXPECT_NE(line.find("{\"name\":\"" + file.path + "\",\"digest\":{\"sha256\":\"" +
                        file.sha256.to_hex() + "\"}}"),
              line.npos)
        << file.path;
}

TEST(InToto, WithASignerIsEnvelopes) {
  const auto key = trust::make_key(1);

  const auto exported = in_toto(testing::rich_manifest(), {}, &key);

  ASSERT_TRUE(exported) << exported.error().message;
  EXPECT_EQ(exported->media_type, "application/vnd.in-toto.bundle");
  for (const auto& line : lines_of(*exported)) {
    EXPECT_TRUE(line.starts_with("{\"payload\":\""));
    EXPECT_NE(line.find("\"payloadType\":\"application/vnd.in-toto+json\""), line.npos);
    EXPECT_NE(line.find("\"keyid\":\"" + key.public_key().id().to_hex() + "\""), line.npos);
  }
}

TEST(InToto, NobodySignsTheWordsOfAMirrorButThatMirror) {
  const auto publisher = trust::make_key(1);
  const auto mirror = trust::make_key(2);
  const std::vector<trust::Attestation> attestations{testing::attestation_by(mirror)};

  const auto by_publisher = in_toto(testing::rich_manifest(), attestations, &publisher);
  const auto by_mirror = in_toto(testing::rich_manifest(), attestations, &mirror);

  ASSERT_TRUE(by_publisher) << by_publisher.error().message;
  ASSERT_TRUE(by_mirror) << by_mirror.error().message;
  const auto bare = lines_of(*by_publisher).back();
  EXPECT_NE(bare.find("https://in-toto.io/attestation/svr/v0.1"), bare.npos);
  EXPECT_NE(bare.find("\"id\":\"owrd:mirror:" + mirror.public_key().id().to_hex() + "\""),
            bare.npos);
  EXPECT_NE(bare.find("[\"OWRD_RELEASE_HELD\",\"OWRD_ALL_BYTES_VERIFIED\"]"), bare.npos);
  EXPECT_TRUE(lines_of(*by_mirror).back().starts_with("{\"payload\":"));
}

TEST(InToto, RefusesAttestationsOfAnotherRelease) {
  const auto mirror = trust::make_key(2);

  const auto exported =
      in_toto(testing::bare_manifest(), {testing::attestation_by(mirror)}, nullptr);

  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code, ErrorCode::InvalidInput);
  EXPECT_TRUE(
      exported.error().message.starts_with("in-toto: an attestation is of another release"));
}

}  // namespace
}  // namespace owrd::exports
