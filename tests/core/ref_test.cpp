#include "daemon/core/ref.h"

#include <gtest/gtest.h>

namespace owrd {
namespace {

const std::string kId(64, 'a');

TEST(Ref, PrintsItsOneCanonicalForm) {
  struct Case {
    std::string text, canonical;
  };
  const Case cases[] = {
      {"acme/atlas", "acme/atlas"},
      {"acme/atlas-70b:2.1.0", "acme/atlas-70b:2.1.0"},
      {"acme/atlas:latest", "acme/atlas:latest"},
      {"acme/atlas@2.1.0", "acme/atlas:2.1.0"},
      {"owrd:acme/atlas:2.1.0", "acme/atlas:2.1.0"},
      {"ACME/Atlas_7B.v2:2.1.0-RC1", "acme/Atlas_7B.v2:2.1.0-RC1"},
      {"weights.acme.example/atlas", "weights.acme.example/atlas"},
      {"a/b", "a/b"},
      {"acme/atlas@sha256:" + kId, "acme/atlas@sha256:" + kId},
      {"acme/atlas:2.1@sha256:" + kId, "acme/atlas:2.1@sha256:" + kId},
      {"@sha256:" + kId, "@sha256:" + kId},
      {"sha256:" + kId, "@sha256:" + kId},
      {"owrd:@sha256:" + kId, "@sha256:" + kId},
      {kId, "@sha256:" + kId},
      {"@" + kId, "@sha256:" + kId},
      {"9f2c41d07be3", "9f2c41d07be3"},
      {"@9f2c41d07be3", "9f2c41d07be3"},
      {kId.substr(1), kId.substr(1)},
      {std::string(63, 'p') + "/" + std::string(96, 'm') + ":" + std::string(96, 'l'),
       std::string(63, 'p') + "/" + std::string(96, 'm') + ":" + std::string(96, 'l')},
  };
  for (const auto& [text, canonical] : cases) {
    SCOPED_TRACE(text);
    const auto ref = parse_ref(text);
    ASSERT_TRUE(ref) << ref.error().message;
    EXPECT_EQ(to_string(*ref), canonical);
    const auto again = parse_ref(canonical);
    ASSERT_TRUE(again);
    EXPECT_EQ(to_string(*again), canonical);
  }
}

TEST(Ref, TakesItsPartsApart) {
  const auto ref = parse_ref("Acme/Atlas:2.1@sha256:" + kId);

  ASSERT_TRUE(ref);
  EXPECT_EQ(ref->publisher, "acme");
  EXPECT_EQ(ref->model, "Atlas");
  EXPECT_EQ(ref->label, "2.1");
  ASSERT_TRUE(ref->release_id);
  EXPECT_EQ(ref->release_id->to_hex(), kId);
  EXPECT_EQ(ref->id_prefix, "");
}

TEST(Ref, NamesThePartAtFault) {
  static constexpr const char* kNameRule =
      ": expected 1 to 96 letters, digits, '.', '_' or '-', beginning with a letter or digit";
  static constexpr const char* kPublisherRule =
      ": expected 1 to 63 letters, digits, '-' or '.', beginning with a letter";
  static constexpr const char* kDigestRule =
      ": expected sha256: and exactly 64 digits, 0-9 and a-f";
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"acme_labs/atlas", std::string("publisher \"acme_labs\"") + kPublisherRule},
      {"9lives/atlas", std::string("publisher \"9lives\"") + kPublisherRule},
      {"owrd:/atlas", std::string("publisher \"\"") + kPublisherRule},
      {std::string(64, 'p') + "/m", "publisher \"" + std::string(64, 'p') + "\"" + kPublisherRule},
      {"acme/:2", std::string("model \"\"") + kNameRule},
      {"acme/..", std::string("model \"..\"") + kNameRule},
      {"acme/at las", std::string("model \"at las\"") + kNameRule},
      {"acme/atlas/config.json", std::string("model \"atlas/config.json\"") + kNameRule},
      {"acme/\x1b[31m", std::string("model \"\\x1b[31m\"") + kNameRule},
      {"acme/" + std::string(97, 'm'), "model \"" + std::string(80, 'm') + "...\"" + kNameRule},
      {"acme/atlas:", std::string("label \"\"") + kNameRule},
      {"acme/atlas@", std::string("label \"\"") + kNameRule},
      {"acme/atlas:1:2", std::string("label \"1:2\"") + kNameRule},
      {"acme/atlas@1@2", std::string("label \"1@2\"") + kNameRule},
      {"acme/atlas:-1", std::string("label \"-1\"") + kNameRule},
      {"acme/atlas:1@2", std::string("digest \"2\"") + kDigestRule},
      {"acme/atlas:1@", std::string("digest \"\"") + kDigestRule},
      {"acme/atlas@sha256:abcd", std::string("digest \"abcd\"") + kDigestRule},
      {"acme/atlas@sha256:" + std::string(64, 'A'),
       "digest \"" + std::string(64, 'A') + "\"" + kDigestRule},
      {"@sha256:9f2c41d07be3", std::string("digest \"9f2c41d07be3\"") + kDigestRule},
      {"@9f2c41d07be", "digest \"9f2c41d07be\": expected 12 to 64 digits, 0-9 and a-f"},
      {"@atlas", "digest \"atlas\": expected 12 to 64 digits, 0-9 and a-f"},
      {std::string(65, 'a'),
       "digest \"" + std::string(65, 'a') + "\": expected 12 to 64 digits, 0-9 and a-f"},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    const auto ref = parse_ref(text);
    ASSERT_FALSE(ref);
    EXPECT_EQ(ref.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(ref.error().message, "ref: invalid " + message);
  }
}

TEST(Ref, SaysWhatTheTextLooksLikeInstead) {
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"", "ref: empty text"},
      {std::string(513, 'a'), "ref: longer than 512 bytes"},
      {"magnet:?xt=urn:btmh:1220",
       "ref: \"magnet:?xt=urn:btmh:1220\" looks like a magnet link, not like a ref"},
      {"https://acme.example/a.owr",
       "ref: \"https://acme.example/a.owr\" looks like a URL, not like a ref"},
      {"/srv/atlas", "ref: \"/srv/atlas\" looks like a path, not like a ref"},
      {"./atlas", "ref: \"./atlas\" looks like a path, not like a ref"},
      {"../atlas", "ref: \"../atlas\" looks like a path, not like a ref"},
      {"~/atlas", "ref: \"~/atlas\" looks like a path, not like a ref"},
      {".", "ref: \".\" looks like a path, not like a ref"},
      {"acme/atlas/", "ref: \"acme/atlas/\" looks like a path, not like a ref"},
      {"acme\\atlas", "ref: \"acme\\x5catlas\" looks like a path, not like a ref"},
      {"atlas", "ref: expected publisher/model or a release id, got \"atlas\""},
      {"9f2c41d07be", "ref: expected publisher/model or a release id, got \"9f2c41d07be\""},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    const auto ref = parse_ref(text);
    ASSERT_FALSE(ref);
    EXPECT_EQ(ref.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(ref.error().message, message);
    EXPECT_NE(ref.error().hint, "");
  }
}

}  // namespace
}  // namespace owrd
