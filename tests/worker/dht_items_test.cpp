#include "daemon/worker/dht_items.h"

#include <gtest/gtest.h>

#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <vector>

namespace owrd::worker {
namespace {

/// A session whose DHT is on and has no socket: libtorrent answers nothing.
lt::session_params make_params() {
  lt::session_params params;
  params.settings.set_str(lt::settings_pack::listen_interfaces, "");
  params.settings.set_str(lt::settings_pack::dht_bootstrap_nodes, "");
  params.settings.set_bool(lt::settings_pack::enable_dht, true);
  params.settings.set_bool(lt::settings_pack::enable_lsd, false);
  params.settings.set_bool(lt::settings_pack::enable_upnp, false);
  params.settings.set_bool(lt::settings_pack::enable_natpmp, false);
  return params;
}

TEST(DhtItems, AnswersWhenLibtorrentSaysNothing) {
  lt::session session(make_params());
  std::vector<v1::SwarmEvent> events;
  DhtItems::Clock::time_point now{};
  DhtItems items([&](const v1::SwarmEvent& event) { events.push_back(event); },
                 [&] { return now; });
  items.set_dht(true);
  v1::SwarmDhtGet get;
  get.set_public_key(std::string(32, 'k'));
  items.get(session, get);
  v1::SwarmDhtPut put;
  put.set_public_key(std::string(32, 'k'));
  put.set_sequence(5);
  put.set_value("5:value");
  put.set_signature(std::string(64, 's'));
  items.put(session, put);

  now += std::chrono::seconds{29};
  items.tick(session);
  EXPECT_TRUE(events.empty());
  now += std::chrono::seconds{1};
  items.tick(session);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].dht_item().public_key(), get.public_key());
  EXPECT_TRUE(events[0].dht_item().value().empty());
  EXPECT_TRUE(events[0].dht_item().authoritative());
  now += std::chrono::seconds{30};
  items.tick(session);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].dht_stored().sequence(), 5);
  EXPECT_EQ(events[1].dht_stored().nodes(), 0U);
  items.tick(session);
  EXPECT_EQ(events.size(), 2U);
}

}  // namespace
}  // namespace owrd::worker
