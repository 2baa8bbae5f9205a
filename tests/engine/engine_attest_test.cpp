#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

constexpr std::chrono::hours kDay{24};

class EngineAttestTest : public EngineTest {
 protected:
  static Settings attesting(Settings settings) {
    settings.attests_all = true;
    settings.mirror_name = "uni";
    return settings;
  }
  std::vector<AttestationView> attestations() {
    auto all = engine().registry().attestations(release_.manifest.release_id());
    EXPECT_TRUE(all) << all.error().message;
    return *all;
  }
  bool is_attested() {
    return until([this] { return !attestations().empty(); });
  }
};

TEST_F(EngineAttestTest, AttestsWhatWasFetchedWhole) {
  restart_with(attesting(settings_));
  complete(by_bundle(release_));
  ASSERT_TRUE(is_attested());
  const auto all = attestations();
  EXPECT_EQ(all[0].attestation.verified(), clock_.now());
  EXPECT_EQ(all[0].attestation.mirror_name(), "uni");
  EXPECT_TRUE(all[0].mirror && all[0].mirror->is_own);
}

TEST_F(EngineAttestTest, AttestsWhatWasHereBefore) {
  complete(by_bundle(release_));
  ASSERT_TRUE(becomes(State::Seeding));
  EXPECT_TRUE(attestations().empty());
  restart_with(attesting(settings_));
  EXPECT_TRUE(is_attested());
}

TEST_F(EngineAttestTest, AttestsAgainBeforeItExpires) {
  restart_with(attesting(settings_));
  complete(by_bundle(release_));
  ASSERT_TRUE(is_attested());
  const auto first = attestations()[0].attestation.verified();
  pass(15 * kDay);
  tick();
  EXPECT_EQ(attestations()[0].attestation.verified(), first) << "there is time";
  pass(6 * kDay);
  EXPECT_TRUE(until([&] { return attestations()[0].attestation.verified() > first; }));
}

TEST_F(EngineAttestTest, AttestsNothingThatIsDamaged) {
  restart_with(attesting(settings_));
  complete(by_bundle(release_, to_));
  ASSERT_TRUE(is_attested());
  const auto first = attestations()[0].attestation.verified();
  auto damaged = std::string(as_text(release_.bytes("model.safetensors")));
  damaged[70'000] ^= 1;
  content::put(to_ / "model.safetensors", damaged);
  pass(21 * kDay);
  EXPECT_TRUE(until([this] { return has_logged("is not attested: model.safetensors"); }));
  EXPECT_EQ(attestations()[0].attestation.verified(), first);

  // And is not hashed over and over.
  const auto lines = log().size();
  pass(std::chrono::minutes(2));
  tick();
  EXPECT_EQ(log().size(), lines) << log().back();
  EXPECT_EQ(view().detail.rfind("not served: ", 0), 0U) << view().detail;
}

}  // namespace
}  // namespace owrd::engine
