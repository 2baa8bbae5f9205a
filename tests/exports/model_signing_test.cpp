#include "daemon/exports/model_signing.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/exports/names.h"
#include "daemon/hash/sha256.h"
#include "tests/exports/lines.h"
#include "tests/exports/rich_release.h"
#include "tests/trust/make.h"

namespace owrd::exports {
namespace {

nlohmann::json bundle_of(const release::Manifest& manifest, const trust::SecretKey& key) {
  const auto exported = model_signing(manifest, key);
  EXPECT_EQ(exported.suggested_name, "model.sig");
  return nlohmann::json::parse(as_text(exported.bytes));
}

TEST(ModelSigning, NamesItsKeyByTheHashOfThePem) {
  const auto key = trust::make_key(1);

  const auto bundle = bundle_of(testing::rich_manifest(), key);

  EXPECT_EQ(bundle["mediaType"], "application/vnd.dev.sigstore.bundle.v0.3+json");
  EXPECT_EQ(bundle["verificationMaterial"]["publicKey"]["hint"],
            hash::sha256(as_bytes(public_key_pem(key.public_key()))).to_hex());
  EXPECT_EQ(bundle["dsseEnvelope"]["payloadType"], "application/vnd.in-toto+json");
  EXPECT_EQ(bundle["dsseEnvelope"]["signatures"].size(), 1U);
}

TEST(ModelSigning, ListsTheFilesByCodePointWithoutGitsOwn) {
  const auto key = trust::make_key(1);
  const auto bundle = bundle_of(testing::rich_manifest(), key);

  const auto statement = nlohmann::json::parse(
      as_text(testing::decode_base64(bundle["dsseEnvelope"]["payload"].get<std::string>())));

  std::vector<std::string> names;
  hash::Sha256 root;
  for (const auto& resource : statement["predicate"]["resources"]) {
    names.push_back(resource["name"]);
    EXPECT_EQ(resource["algorithm"], "sha256");
    root.update(*parse_hex(resource["digest"].get<std::string>()));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"-", "LICENSE", "README.md", "a name with  spaces",
                                             "config.json", "docs-old/vocab.txt", "docs/data.md",
                                             "docs/vocab.txt", "empty.txt", "layers.owrd",
                                             "mod\xC3\xA8le.safetensors", "run.py"}));
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], root.finish().to_hex());
  EXPECT_EQ(statement["predicate"]["serialization"]["ignore_paths"],
            (nlohmann::json{".git", ".gitattributes", ".github", ".gitignore", "release.owrd"}));
}

TEST(ModelSigning, SignsThePaeOfTheStatement) {
  const auto key = trust::make_key(1);
  const auto envelope = bundle_of(testing::rich_manifest(), key)["dsseEnvelope"];

  const auto payload = testing::decode_base64(envelope["payload"].get<std::string>());
  const auto signature =
      testing::decode_base64(envelope["signatures"][0]["sig"].get<std::string>());

  EXPECT_TRUE(
      trust::verify(trust::pre_authentication_encoding("application/vnd.in-toto+json", payload),
                    signature, key.public_key()));
}

}  // namespace
}  // namespace owrd::exports
