#include <gtest/gtest.h>

#include <libtorrent/bencode.hpp>
#include <libtorrent/create_torrent.hpp>

#include "daemon/hash/sha256.h"
#include "daemon/worker/availability.h"
#include "daemon/worker/peer_address.h"
#include "daemon/worker/session_settings.h"
#include "daemon/worker/torrent_plan.h"
#include "tests/support/made_torrent.h"

namespace owrd::worker {
namespace {

using swarm::make_content;
using swarm::make_torrent;

lt::peer_info make_peer(const std::string& bitmap, int piece_count) {
  lt::peer_info peer;
  peer.pieces = Pieces(bitmap.data(), piece_count);
  return peer;
}

TEST(Availability, CountsWholeCopiesAndThePartBeyond) {
  const auto none = Pieces(4, false);
  EXPECT_EQ(measure_availability({}, 4, none).permille, 0U);
  EXPECT_EQ(measure_availability({make_peer("\xc0", 4)}, 4, none).permille, 500U);
  EXPECT_EQ(measure_availability({make_peer("\xc0", 4), make_peer("\xf0", 4)}, 4, none).permille,
            1500U);
}

TEST(Availability, NamesTheFirstPieceThatNobodyHas) {
  Pieces missing(4, true);
  missing.clear_bit(lt::piece_index_t(0));
  EXPECT_EQ(measure_availability({make_peer("\x50", 4)}, 4, missing).missing_piece, 2U);
  lt::peer_info seed;
  seed.flags = lt::peer_info::seed;
  EXPECT_FALSE(measure_availability({seed}, 4, missing).missing_piece);
}

TEST(PeerAddress, AcceptsHostsAndBothKindsOfAddresses) {
  const std::tuple<const char*, const char*, int> cases[] = {
      {"seed.example:6881", "seed.example", 6881},
      {"192.0.2.1:1", "192.0.2.1", 1},
      {"[::1]:0", "::1", 0}};
  for (const auto& [text, host, port] : cases) {
    SCOPED_TRACE(text);
    const auto parsed = parse_host_and_port(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->host, host);
    EXPECT_EQ(parsed->port, port);
  }
  for (const char* text :
       {"", "host", ":1", "::1:1", "[]:1", "[::1:1", "host:", "host:65536", "host:1x"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_host_and_port(text));
  }
}

TEST(TorrentPlan, CountsFilesWithoutPaddingAndInTreeOrder) {
  const auto made =
      make_torrent({{"a", ""}, {"b/c", make_content(20000, 1)}, {"d", make_content(5, 2)}}, 16384);
  const auto torrent = load_torrent(made.add(1, "/directory").add());
  ASSERT_TRUE(torrent);
  const auto files = list_files(**torrent);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), made.files.size());
  for (std::size_t i = 0; i < files->size(); ++i) {
    EXPECT_EQ((*files)[i].path, made.files[i].path);
    EXPECT_EQ((*files)[i].piece_count, static_cast<int>(made.files[i].piece_count));
    if ((*files)[i].piece_count > 0) {
      EXPECT_EQ((*files)[i].first_piece, static_cast<int>(made.files[i].first_piece));
    }
  }
}

TEST(TorrentPlan, RefusesHybridTorrentsByName) {
  lt::file_storage storage;
  storage.add_file("made/a", 16384);
  storage.add_file("made/b", 16384);
  lt::create_torrent hybrid(storage, 16384);
  for (int i = 0; i < 2; ++i) {
    hybrid.set_hash(lt::piece_index_t(i), lt::sha1_hash("aaaaaaaaaaaaaaaaaaaa"));
    hybrid.set_hash2(lt::file_index_t(i), lt::piece_index_t::diff_type(0),
                     lt::sha256_hash("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
  }
  v1::SwarmAdd add;
  lt::bencode(std::back_inserter(*add.mutable_info()), hybrid.generate()["info"]);
  add.set_infohash(hash::sha256(as_bytes(add.info())).to_field());
  const auto torrent = load_torrent(add);
  ASSERT_TRUE(torrent);
  const auto files = list_files(**torrent);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().message, "the torrent is refused: it is a hybrid torrent, not v2 alone");
}

TEST(TorrentPlan, RefusesPathsThatLeaveTheDirectory) {
  for (const char* path : {"../up", "a/./b", "a/../../b"}) {
    SCOPED_TRACE(path);
    const auto made = make_torrent({{path, make_content(5, 1)}, {"z", make_content(5, 2)}}, 16384);
    const auto torrent = load_torrent(made.add(1, "/directory").add());
    EXPECT_TRUE(!torrent || !list_files(**torrent));
  }
}

TEST(TorrentPlan, RefusesABitmapOfAnotherLength) {
  EXPECT_TRUE(parse_bitmap("", 9));
  EXPECT_TRUE(parse_bitmap(std::string(2, '\0'), 9));
  EXPECT_FALSE(parse_bitmap(std::string(1, '\0'), 9));
  EXPECT_FALSE(parse_bitmap(std::string(3, '\0'), 9));
  EXPECT_EQ(to_bitmap(*parse_bitmap("\xff\x80", 9)), "\xff\x80");
}

TEST(SessionSettings, PreferTcp) {
  for (const auto profile :
       {v1::SwarmConfigure::PROFILE_HOME, v1::SwarmConfigure::PROFILE_SERVER}) {
    v1::SwarmConfigure configure;
    configure.set_profile(profile);
    const auto pack = make_settings(configure);
    EXPECT_FALSE(pack.get_bool(lt::settings_pack::enable_outgoing_utp));
    EXPECT_EQ(pack.get_bool(lt::settings_pack::enable_incoming_utp),
              profile == v1::SwarmConfigure::PROFILE_HOME);
    for (const int defence :
         {lt::settings_pack::dht_enforce_node_id, lt::settings_pack::dht_restrict_routing_ips,
          lt::settings_pack::dht_restrict_search_ips, lt::settings_pack::dht_ignore_dark_internet,
          lt::settings_pack::dht_prefer_verified_node_ids, lt::settings_pack::ssrf_mitigation,
          lt::settings_pack::validate_https_trackers})
      EXPECT_TRUE(pack.get_bool(defence));
    EXPECT_EQ(pack.get_bool(lt::settings_pack::allow_multiple_connections_per_ip),
              profile == v1::SwarmConfigure::PROFILE_SERVER);
  }
}

TEST(SessionSettings, KnowsAnInstanceThatListensOnLoopbackAlone) {
  v1::SwarmConfigure configure;
  EXPECT_FALSE(is_loopback_only(configure));
  configure.add_listen("127.0.0.1:0");
  configure.add_listen("[::1]:0");
  EXPECT_TRUE(is_loopback_only(configure));
  EXPECT_FALSE(make_settings(configure).get_bool(lt::settings_pack::dht_enforce_node_id));
  configure.add_listen("0.0.0.0:0");
  EXPECT_FALSE(is_loopback_only(configure));
}

}  // namespace
}  // namespace owrd::worker
