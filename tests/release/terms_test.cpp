#include "daemon/release/terms.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/hash/sha256.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

Manifest manifest_of(const std::function<void(v1::License&)>& change) {
  auto message = testing::example_message();
  change(*message.mutable_license());
  return *make_manifest(message);
}

TEST(Terms, AreTheTextOrWhatIsSaidOfThem) {
  const auto of_text = manifest_of([](v1::License&) {});
  EXPECT_EQ(terms_digest(of_text), hash::sha256(testing::example_contents().front().bytes));
  const auto said = manifest_of([](v1::License& license) { license.clear_text_path(); });
  EXPECT_EQ(terms_digest(said), hash::sha256(as_bytes(std::string("Apache-2.0\n\n\n"))));
  const auto elsewhere = manifest_of([](v1::License& license) {
    license.clear_text_path();
    license.set_url("https://acme.example/terms");
  });
  EXPECT_NE(terms_digest(elsewhere), terms_digest(said));
}

TEST(Terms, AskToBeAcceptedByTheTableOrThePublisher) {
  EXPECT_FALSE(asks_for_acceptance(manifest_of([](v1::License&) {})));
  EXPECT_TRUE(asks_for_acceptance(
      manifest_of([](v1::License& license) { license.set_acceptance_required(true); })));
  EXPECT_TRUE(asks_for_acceptance(manifest_of(
      [](v1::License& license) { license.set_spdx_expression("LicenseRef-hf-llama3.1"); })));
}

TEST(Terms, MayBeReadBeforeTheyAreAccepted) {
  const auto role = [](const std::string& path, v1::FileRole which) {
    return is_about_release({path, 1, std::nullopt, hash::sha256({}), which});
  };
  EXPECT_TRUE(role("LICENSE", v1::FILE_ROLE_LICENSE));
  EXPECT_TRUE(role("README.md", v1::FILE_ROLE_CARD));
  EXPECT_TRUE(role("tensors.owrd", v1::FILE_ROLE_OTHER));
  EXPECT_FALSE(role("model.safetensors", v1::FILE_ROLE_WEIGHTS));
  EXPECT_FALSE(role("config.json", v1::FILE_ROLE_CONFIG));
}

}  // namespace
}  // namespace owrd::release
