#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/fake_swarm.h"
#include "tests/swarm/node.h"
#include "tests/swarm/raw_peer.h"

namespace owrd::swarm {
namespace {

using Objects = std::vector<std::string>;

constexpr std::uint32_t kPiece = 64 * 1024;

v1::SwarmCommand tell(std::uint64_t id, const Objects& objects) {
  v1::SwarmCommand command;
  command.mutable_tell()->set_id(id);
  for (const auto& object : objects) command.mutable_tell()->add_objects(object);
  return command;
}

/// In the order of their coming.
Objects heard(const Node& node, std::uint64_t id) {
  Objects objects;
  for (const auto& event : node.all([](const auto& event) { return event.has_heard(); }))
    if (event.heard().id() == id) objects.push_back(event.heard().object());
  return objects;
}

Objects number(std::size_t count, const std::string& name) {
  Objects objects;
  for (std::size_t i = 0; i < count; ++i) objects.push_back(name + " " + std::to_string(i));
  return objects;
}

/// A seed, and others who connect to it.
class ObjectExchange : public ::testing::Test {
 protected:
  void SetUp() override {
    release_.write(root_ / "seed");
    ASSERT_TRUE(seed_.start());
    ASSERT_TRUE(other_.start());
    seed_.swarm->send(release_.seed(1, root_ / "seed"));
    ASSERT_TRUE(seed_.wait([this] {
      return !seed_.all([](const auto& event) { return event.has_added(); }).empty();
    }));
  }

  v1::SwarmCommand leech(std::uint64_t id) {
    release_.write_empty(root_ / "get");
    auto add = release_.add(id, root_ / "get");
    add.mutable_add()->add_peers(seed_.endpoint());
    return add;
  }

  bool hears(Node& node, std::uint64_t id, const Objects& objects) {
    return node.wait([&] { return heard(node, id) == objects; });
  }

  /// A peer that has said that object messages are number 7 to it.
  bool introduce(RawPeer& peer) {
    return peer.is_connected() && peer.send_extended(0, "d1:md11:owrd_objecti7eee");
  }

  /// The number that the seed gave its object messages.
  int seeds_number(RawPeer& peer) {
    const std::string name = "11:owrd_objecti";
    std::string handshake;
    EXPECT_TRUE(seed_.wait([&] {
      peer.receive();
      const auto handshakes = peer.extended(0);
      handshake = handshakes.empty() ? "" : handshakes[0];
      return !handshake.empty();
    }));
    const auto found = handshake.find(name);
    return found == std::string::npos ? 0 : std::stoi(handshake.substr(found + name.size()));
  }

  TestDirectory root_;
  boost::asio::io_context loop_;
  MadeTorrent release_ = make_torrent(
      {{"a.bin", make_content(3 * kPiece, 1)}, {"b.bin", make_content(kPiece, 2)}}, kPiece);
  Node seed_{loop_};
  Node other_{loop_};
};

TEST_F(ObjectExchange, TellsBothWaysOnConnecting) {
  seed_.swarm->send(tell(1, {"of the seed", std::string("\0\xff", 2)}));
  other_.swarm->send(leech(7));
  other_.swarm->send(tell(7, {"of the leech"}));

  EXPECT_TRUE(hears(other_, 7, {"of the seed", std::string("\0\xff", 2)}));
  EXPECT_TRUE(hears(seed_, 1, {"of the leech"}));
  const auto events = other_.all([](const auto& event) { return event.has_heard(); });
  EXPECT_EQ(events.at(0).heard().peer(), seed_.endpoint());
}

TEST_F(ObjectExchange, TellsWhatIsNewWhileConnected) {
  RawPeer peer(seed_.endpoint(), release_.infohash);
  ASSERT_TRUE(introduce(peer));
  seed_.swarm->send(tell(1, {"a", "b"}));
  const auto arrives = [&](const Objects& objects) {
    return seed_.wait([&] {
      peer.receive();
      return peer.extended(7) == objects;
    });
  };
  EXPECT_TRUE(arrives({"a", "b"}));

  seed_.swarm->send(tell(1, {"b", "c"}));
  EXPECT_TRUE(arrives({"a", "b", "c"}));
  seed_.swarm->send(tell(1, {}));
  seed_.swarm->send(tell(1, {"a", "c", "d"}));
  EXPECT_TRUE(arrives({"a", "b", "c", "d"}));
}

TEST_F(ObjectExchange, TellsTheWholeOfABigSetButNothingOverTheLimits) {
  RawPeer peer(seed_.endpoint(), release_.infohash);
  ASSERT_TRUE(introduce(peer));
  Objects objects = number(70, "object");
  objects.insert(objects.begin(), {std::string(8193, 'x'), ""});
  for (std::size_t i = 2; i < 20; ++i) objects[i].resize(8192, 'y');
  seed_.swarm->send(tell(1, objects));
  EXPECT_TRUE(seed_.wait([&] {
    peer.receive();
    return peer.extended(7).size() == 64;
  }));

  const Objects expected(objects.begin() + 2, objects.begin() + 66);
  EXPECT_EQ(peer.extended(7), expected);
  EXPECT_EQ(seed_.log.back(),
            "torrent 1: objects that are empty, over 8192 bytes or more than 64 are not told to "
            "peers");
}

TEST_F(ObjectExchange, IsMeantForOwrdsAlone) {
  seed_.swarm->send(tell(1, {"object"}));
  RawPeer stranger(seed_.endpoint(), release_.infohash, "127.0.0.4");
  ASSERT_TRUE(stranger.send_extended(0, "d1:md11:ut_metadatai7eee"));
  RawPeer owrd(seed_.endpoint(), release_.infohash);
  ASSERT_TRUE(introduce(owrd));
  ASSERT_TRUE(seed_.wait([&] {
    owrd.receive();
    return !owrd.extended(7).empty();
  }));
  EXPECT_TRUE(stranger.receive());
  EXPECT_TRUE(stranger.extended(7).empty());
}

TEST_F(ObjectExchange, TwoWhoHaveEverythingTalkBeforeTheyPartAndMeetAgainForNews) {
  release_.write(root_ / "second");
  seed_.swarm->send(tell(1, number(20, "of the seed")));
  auto add = release_.seed(7, root_ / "second");
  add.mutable_add()->add_peers(seed_.endpoint());
  other_.swarm->send(add);
  other_.swarm->send(tell(7, number(20, "of the other")));

  EXPECT_TRUE(hears(other_, 7, number(20, "of the seed")));
  EXPECT_TRUE(hears(seed_, 1, number(20, "of the other")));
  const auto is_alone = [](const v1::SwarmEvent& event) {
    return event.has_peers() && event.peers().addresses_size() == 0;
  };
  EXPECT_TRUE(seed_.wait([&] { return !seed_.all(is_alone).empty(); }));

  auto objects = number(20, "of the other");
  objects.push_back("news");
  other_.swarm->send(tell(7, objects));
  EXPECT_TRUE(seed_.wait([&] { return heard(seed_, 1).back() == "news"; }));
}

TEST_F(ObjectExchange, WhoHasJustCompletedCanStillTell) {
  other_.swarm->send(leech(7));
  ASSERT_TRUE(other_.wait([&] { return other_.pieces(7).size() == release_.piece_count; }));
  other_.swarm->send(tell(7, {"I have it all"}));
  EXPECT_TRUE(hears(seed_, 1, {"I have it all"}));
}

TEST_F(ObjectExchange, RemembersWhatToTellOverTheLivesOfATorrent) {
  Node bad(loop_);
  for (const auto& file : release_.files) {
    std::filesystem::create_directories(root_ / "bad");
    std::ofstream(root_ / "bad" / file.path) << std::string(file.content.size(), 'x');
  }
  ASSERT_TRUE(bad.start());
  bad.swarm->send(release_.seed(1, root_ / "bad"));
  auto add = leech(7);
  add.mutable_add()->set_peers(0, bad.endpoint());
  other_.swarm->send(add);
  other_.swarm->send(tell(7, {"object"}));
  // In each life the peer is found out once.
  ASSERT_TRUE(other_.wait([&] {
    return std::count_if(other_.log.begin(), other_.log.end(), [](const std::string& line) {
             return line.find("no longer trusting") != std::string::npos;
           }) == 2;
  }));

  v1::SwarmCommand connect;
  connect.mutable_connect_peers()->set_id(7);
  connect.mutable_connect_peers()->add_peers(seed_.endpoint());
  other_.swarm->send(connect);
  EXPECT_TRUE(hears(seed_, 1, {"object"}));
}

TEST_F(ObjectExchange, RemembersWhatToTellWhileATorrentWaitsForAnotherToLeave) {
  v1::SwarmCommand remove;
  remove.mutable_remove()->set_id(1);
  seed_.swarm->send(remove);
  seed_.swarm->send(release_.seed(2, root_ / "seed"));
  seed_.swarm->send(tell(2, {"object"}));
  other_.swarm->send(leech(7));
  EXPECT_TRUE(hears(other_, 7, {"object"}));
}

TEST_F(ObjectExchange, CapsWhatAPeerFloods) {
  RawPeer peer(seed_.endpoint(), release_.infohash);
  ASSERT_TRUE(introduce(peer));
  const int number_there = seeds_number(peer);
  ASSERT_NE(number_there, 0);
  ASSERT_TRUE(peer.send_extended(number_there, ""));
  ASSERT_TRUE(peer.send_extended(number_there, std::string(8193, 'x')));
  ASSERT_TRUE(peer.send_extended(number_there, std::string(500'000, 'x')));
  ASSERT_TRUE(peer.send_extended(number_there, std::string(8192, 'y')));
  const auto objects = number(200, "object");
  for (const auto& object : objects) ASSERT_TRUE(peer.send_extended(number_there, object));
  // What comes behind is answered when all of that has been read.
  ASSERT_TRUE(introduce(peer));
  seed_.swarm->send(tell(1, {"answer"}));
  ASSERT_TRUE(seed_.wait([&] {
    if (!peer.receive()) return false;
    return heard(seed_, 1).size() >= 64 && peer.extended(7) == Objects{"answer"};
  }));

  Objects expected{std::string(8192, 'y')};
  expected.insert(expected.end(), objects.begin(), objects.begin() + 63);
  EXPECT_EQ(heard(seed_, 1), expected);

  // Another connection may say as much again, and it was not held against the address.
  RawPeer again(seed_.endpoint(), release_.infohash);
  ASSERT_TRUE(again.send_extended(number_there, "once more"));
  EXPECT_TRUE(seed_.wait([&] { return heard(seed_, 1).size() == 65; }));
  EXPECT_EQ(seed_.swarm->restarts(), 0U);
}

TEST_F(ObjectExchange, SurvivesHandshakesThatMakeNoSense) {
  seed_.swarm->send(tell(1, {"object"}));
  RawPeer peer(seed_.endpoint(), release_.infohash);
  for (const char* handshake :
       {"", "d", "le", "i5e", "d1:mle", "d1:mi7ee", "d1:md11:owrd_object1:7ee",
        "d1:md11:owrd_objecti0eee", "d1:md11:owrd_objecti-1eee", "d1:md11:owrd_objecti256eee",
        "d1:md11:owrd_objecti9223372036854775807eee", "d1:md11:owrd_objectleee", "de"})
    ASSERT_TRUE(peer.send_extended(0, handshake)) << handshake;
  ASSERT_TRUE(introduce(peer));
  ASSERT_TRUE(introduce(peer));
  EXPECT_TRUE(seed_.wait([&] {
    if (!peer.receive()) return false;
    return peer.extended(7) == Objects{"object"};
  }));
  EXPECT_EQ(seed_.swarm->restarts(), 0U);
}

}  // namespace
}  // namespace owrd::swarm
