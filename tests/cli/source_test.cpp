#include "cli/source.h"

#include "daemon/release/bundle.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

using SourceTest = CliTest;

TEST_F(SourceTest, GoesByTheLookOfTheText) {
  const auto existing = write("plain", "x");
  const std::pair<std::string, SourceKind> cases[] = {
      {"magnet:?xt=urn:btmh:1220", SourceKind::Magnet},
      {"https://weights.acme.example/atlas.owr", SourceKind::Url},
      {"http://weights.acme.example/atlas.owr", SourceKind::Url},
      {"atlas.owr", SourceKind::File},
      {"./atlas", SourceKind::File},
      {existing.string(), SourceKind::File},
      {"acme/atlas:1.0", SourceKind::Ref},
      {"acme/atlas", SourceKind::Ref},
      {"9f2c41d07be3", SourceKind::Ref}};
  for (const auto& [text, kind] : cases) EXPECT_EQ(kind_of_source(text), kind) << text;
}

TEST_F(SourceTest, RefusesWhatIsNoSource) {
  v1::Bundle publisher;
  publisher.add_roots("root");
  const auto owrp = write("acme.owrp", std::string(as_text(release::encode_bundle(publisher))));
  struct Case {
    std::string text;
    ErrorCode code;
  };
  const Case cases[] = {
      {"http://acme.example/a.owr", ErrorCode::InvalidInput},
      {"file:///etc/passwd", ErrorCode::InvalidInput},
      {(home / "absent.owr").string(), ErrorCode::NotFound},
      {owrp.string(), ErrorCode::InvalidInput},
      {"magnet:?xt=urn:btih:da39a3ee5e6b4b0d3255bfef95601890afd80709", ErrorCode::InvalidInput},
      {"not a ref", ErrorCode::InvalidInput}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.text);
    v1::GetRequest request;
    const auto set = set_source(one.text, request);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, one.code) << set.error().message;
  }
}

TEST_F(SourceTest, SaysHowToPinAPublisherThatWasGivenToGet) {
  v1::Bundle publisher;
  publisher.add_roots("root");
  const auto owrp = write("acme.owrp", std::string(as_text(release::encode_bundle(publisher))));
  v1::GetRequest request;

  const auto set = set_source(owrp.string(), request);

  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().hint, "owrd publisher add " + owrp.string());
}

TEST_F(SourceTest, NamesTheFileThatIsGarbage) {
  const auto path = write("atlas.owr", "garbage");

  const auto bytes = read_bundle(path.string());

  ASSERT_FALSE(bytes);
  EXPECT_TRUE(bytes.error().message.starts_with(path.string() + ": ")) << bytes.error().message;
}

TEST_F(SourceTest, RefusesABundleThatIsTooLongBeforeReadingAllOfIt) {
  const auto path = home / "large.owr";
  write("large.owr", "");
  std::filesystem::resize_file(path, release::kBundleLimitBytes + 1);

  const auto bytes = read_bundle(path.string());

  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::InvalidInput);
}

TEST_F(SourceTest, ReadsLimitsOfSeeding) {
  EXPECT_EQ(parse_seed_limit("true")->ratio_permille(), 0U);
  EXPECT_EQ(parse_seed_limit("true")->seconds(), 0U);
  EXPECT_EQ(parse_seed_limit("1.5")->ratio_permille(), 1500U);
  EXPECT_EQ(parse_seed_limit("2")->ratio_permille(), 2000U);
  EXPECT_EQ(parse_seed_limit("7d")->seconds(), 7U * 86400);
  for (const char* text : {"0", "-1", "much", "1.5x", "inf", "nan", "", "1e3"})
    EXPECT_FALSE(parse_seed_limit(text)) << text;
}

TEST_F(SourceTest, TellsADirectoryFromARef) {
  EXPECT_TRUE(is_directory_target("./atlas"));
  EXPECT_TRUE(is_directory_target("/srv/atlas"));
  EXPECT_TRUE(is_directory_target("."));
  EXPECT_FALSE(is_directory_target("acme/atlas:1.0"));
  EXPECT_FALSE(is_directory_target("9f2c41d07be3"));
}

}  // namespace
}  // namespace owrd::cli
