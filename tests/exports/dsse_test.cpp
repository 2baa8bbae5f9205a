#include "daemon/exports/dsse.h"

#include <gtest/gtest.h>

#include "tests/exports/rich_release.h"
#include "tests/trust/make.h"

namespace owrd::exports {
namespace {

TEST(Dsse, HoldsThePayloadAndItsSignatures) {
  const auto one = trust::make_key(1);
  const auto two = trust::make_key(2);
  const auto raw = trust::seal(trust::PayloadKind::Manifest, as_bytes("payload"), {&one, &two});
  const auto envelope = trust::parse_envelope(raw, trust::PayloadKind::Manifest);
  ASSERT_TRUE(envelope) << envelope.error().message;

  const auto exported = dsse(*envelope, "atlas-1.0.0");

  EXPECT_EQ(exported.suggested_name, "atlas-1.0.0.dsse.json");
  EXPECT_EQ(exported.media_type, "application/vnd.dsse.envelope.v1+json");
  const std::string text(as_text(exported.bytes));
  EXPECT_TRUE(
      text.starts_with("{\n  \"payload\": \"cGF5bG9hZA==\",\n"
                       "  \"payloadType\": \"application/vnd.owrd.manifest.v1+protobuf\",\n"
                       "  \"signatures\": [\n"))
      << text;
  EXPECT_NE(text.find("\"keyid\": \"" + one.public_key().id().to_hex() + "\""), text.npos);
  EXPECT_LT(text.find(one.public_key().id().to_hex()), text.find(two.public_key().id().to_hex()));
}

TEST(Dsse, IsTheSameEveryTime) {
  const auto key = trust::make_key(1);
  const auto raw =
      trust::seal(trust::PayloadKind::Manifest, testing::rich_manifest().payload(), {&key});
  const auto envelope = trust::parse_envelope(raw, trust::PayloadKind::Manifest);
  ASSERT_TRUE(envelope) << envelope.error().message;

  EXPECT_EQ(dsse(*envelope, "x").bytes, dsse(*envelope, "x").bytes);
}

}  // namespace
}  // namespace owrd::exports
