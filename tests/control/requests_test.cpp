#include "daemon/control/requests.h"

#include <gtest/gtest.h>

#include "daemon/control/records.h"

namespace owrd::control {
namespace {

const std::string kMagnet = "magnet:?xt=urn:btmh:1220" + std::string(64, 'a');

TEST(Requests, TakeTheThreeKindsOfSource) {
  v1::GetRequest by_ref;
  by_ref.set_ref("acme/atlas:1.0");
  const auto ref = to_get_request(by_ref);
  ASSERT_TRUE(ref);
  EXPECT_EQ(ref->ref->model, "atlas");
  EXPECT_FALSE(ref->seed);

  v1::GetRequest by_magnet;
  by_magnet.set_magnet(kMagnet);
  by_magnet.set_directory("/srv/models/../models/atlas");
  by_magnet.add_peers("10.0.0.1:29170");
  by_magnet.mutable_seed();
  by_magnet.set_timeout_ms(UINT64_MAX);
  const auto magnet = to_get_request(by_magnet);
  ASSERT_TRUE(magnet) << magnet.error().message;
  EXPECT_EQ(magnet->magnet->infohash.to_hex(), std::string(64, 'a'));
  EXPECT_EQ(magnet->directory, "/srv/models/atlas");
  EXPECT_EQ(magnet->seed, store::SeedLimit{});
  EXPECT_GT(magnet->timeout, std::chrono::hours(24 * 300));
}

TEST(Requests, NameWhatIsWrong) {
  EXPECT_EQ(to_get_request({}).error().message,
            "Get: the request names nothing; set one of ref, magnet, bundle");
  EXPECT_EQ(to_target(v1::VerifyRequest()).error().message,
            "Verify: the request names nothing; set one of ref, directory");

  v1::PrepareRequest relative;
  relative.set_directory("models/atlas");
  EXPECT_EQ(to_prepare_request(relative).error().message,
            "directory \"models/atlas\": must be absolute");
  EXPECT_EQ(parse_directory(std::string("/a\0b", 4)).error().code, ErrorCode::InvalidInput);

  v1::GetRequest bad_peer;
  bad_peer.set_magnet(kMagnet);
  bad_peer.add_peers("nowhere");
  EXPECT_EQ(to_get_request(bad_peer).error().code, ErrorCode::InvalidInput);
}

TEST(Records, MakeEveryTextValidUtf8) {
  engine::ReleaseView view;
  view.ref = "acme/atlas:1.0";
  view.state = engine::State::Damaged;
  view.directory = "/srv/\xFF";
  view.damaged_files = {"\xC3("};
  const auto record = to_record(view);
  EXPECT_EQ(record.state(), v1::RELEASE_STATE_DAMAGED);
  EXPECT_EQ(record.directory(), "/srv/\xEF\xBF\xBD");
  EXPECT_EQ(record.damaged_files(0), "\xEF\xBF\xBD(");
  EXPECT_EQ(record.release_id(), "");
}

TEST(Records, CountTheFilesOfAReport) {
  engine::VerifyReport report;
  report.files = {{"a", /*is_ok=*/true, /*is_skipped=*/false, "", {}},
                  {"b", false, false, "missing", {}},
                  {"c", false, /*is_skipped=*/true, "", {}}};
  report.repaired = false;
  const auto message = to_message(report);
  EXPECT_EQ(message.files_ok(), 1u);
  EXPECT_EQ(message.files_bad(), 1u);
  EXPECT_EQ(message.files_size(), 3);
}

}  // namespace
}  // namespace owrd::control
