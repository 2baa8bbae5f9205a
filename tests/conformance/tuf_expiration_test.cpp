// The cases of test_expiration.py of the TUF conformance suite (theupdateframework/tuf-conformance
// at eec841c1), each under its own name. Here content that was signed never expires; the newest
// root and the head do, and then nothing is the newest any more. What a publisher has signed is
// taken all the same, so that it cannot be rolled back to what came before.

#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

using engine::Freshness;

constexpr std::int64_t kDay = 86400;

class TufExpiration : public Attack {
 protected:
  void expect_latest_refused() {
    const auto resolved = engine().registry().resolve({*parse_ref("lab/atlas")});
    EXPECT_TRUE(refuses(resolved, ErrorCode::Untrusted,
                        "lab/atlas cannot be resolved: the newest "
                        "head of lab that is known expired on "));
  }
  void move_to(std::int64_t time) { clock_.advance(std::chrono::seconds(time - clock_.now())); }
};

TEST_F(TufExpiration, RootExpired) {
  lab_.list("atlas", "1.0.0", 1);
  follow(lab_.announce());
  lab_.plan.expires = lab_.now - 100;
  lab_.rotate();
  lab_.list("atlas", "2.0.0", 2);
  follow(lab_.announce());

  EXPECT_EQ(known().root().version(), 2U) << "the root is taken (TUF 5.3.10)";
  EXPECT_EQ(known().freshness, Freshness::Expired);
  EXPECT_EQ(known().freshness_since, lab_.plan.expires);
  expect_latest_refused();
  EXPECT_TRUE(engine().registry().resolve({*parse_ref("lab/atlas:2.0.0")}));

  // An expired root in the midst of a chain is none of anybody's business.
  lab_.plan.expires = lab_.now + 365 * kDay;
  lab_.rotate();
  follow(lab_.announce());
  EXPECT_EQ(known().freshness, Freshness::Fresh);
}

TEST_F(TufExpiration, SnapshotExpired) {
  lab_.list("atlas", "1.0.0", 1);
  follow(lab_.announce());
  lab_.list("atlas", "2.0.0", 2);
  const auto expired = announce_changed([&](trust::NewHead& head) {
    head.issued = lab_.now - 10 * kDay;
    head.expires = lab_.now - 5 * kDay;
  });
  follow(expired);

  EXPECT_EQ(known().freshness, Freshness::Expired);
  EXPECT_EQ(known().freshness_since, lab_.now - 5 * kDay);
  expect_latest_refused();
}

TEST_F(TufExpiration, TargetsExpired) {
  // A feed has no time of its own: one that did not change for a year is as new as its head.
  lab_.list("atlas", "1.0.0", 1);
  lab_.now += 300 * kDay;
  move_to(lab_.now);
  follow(lab_.announce());

  EXPECT_EQ(known().freshness, Freshness::Fresh);
  EXPECT_EQ(engine().registry().resolve({*parse_ref("lab/atlas")})->warnings,
            std::vector<std::string>());
}

TEST_F(TufExpiration, ExpiredMetadata) {
  lab_.list("atlas", "1.0.0", 1);
  follow(lab_.announce());
  lab_.list("atlas", "2.0.0", 2);
  const auto renewed =
      announce_changed([&](trust::NewHead& head) { head.expires = lab_.now + 21 * kDay; });

  // What is known has expired; what is offered has not, and is taken by it.
  move_to(lab_.now + 18 * kDay);
  ASSERT_EQ(known().freshness, Freshness::Expired);
  follow(renewed);

  EXPECT_EQ(known().listed_releases, 2U);
  EXPECT_EQ(known().freshness, Freshness::Stale) << "past half of its life";
  EXPECT_EQ(engine().registry().resolve({*parse_ref("lab/atlas")})->listed.release.version,
            "2.0.0");
}

TEST_F(TufExpiration, TimestampExpired) {
  lab_.list("atlas", "1.0.0", 1);
  const auto expired = announce_changed([&](trust::NewHead& head) {
    head.issued = lab_.now - 10 * kDay;
    head.expires = lab_.now - 5 * kDay;
  });
  follow(expired);
  expect_latest_refused();
  restart();
  EXPECT_EQ(known().freshness, Freshness::Expired);
  expect_latest_refused();

  // One that is not to be issued before next week is nobody's word yet.
  const auto to_come = announce_changed([&](trust::NewHead& head) {
    head.issued = lab_.now + 7 * kDay;
    head.expires = lab_.now + 14 * kDay;
  });
  publish(to_come);
  const auto problem = answer_of(refresh(), "dht, slot 1")->problem;
  EXPECT_NE(problem.find("which is still to come"), std::string::npos) << problem;
  EXPECT_EQ(known_sequence(), 1U);
}

}  // namespace
}  // namespace owrd::conformance
