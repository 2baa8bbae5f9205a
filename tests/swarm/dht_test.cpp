#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <list>

#include "tests/swarm/node.h"
#include "tests/swarm/signed_item.h"

namespace owrd::swarm {
namespace {

bool is_item(const v1::SwarmEvent& event) { return event.has_dht_item(); }
bool is_stored(const v1::SwarmEvent& event) { return event.has_dht_stored(); }

/// Workers that form a DHT on loopback.
class Dht : public ::testing::Test {
 protected:
  /// Joins the DHT of `bootstrap`, or starts one.
  Node& add_node(const std::string& bootstrap = {}, const std::string& listen = "127.0.0.1:0") {
    auto& node = nodes_.emplace_back(loop_);
    EXPECT_TRUE(node.start(configure(bootstrap, listen)));
    return node;
  }
  static v1::SwarmCommand configure(const std::string& bootstrap, const std::string& listen) {
    auto command = make_configure();
    command.mutable_configure()->set_dht(true);
    command.mutable_configure()->set_listen(0, listen);
    if (!bootstrap.empty()) command.mutable_configure()->add_dht_bootstrap(bootstrap);
    return command;
  }
  void remove_node(const Node& node) {
    nodes_.remove_if([&](const Node& other) { return &other == &node; });
  }

  /// Its answers to this lookup; the last is authoritative.
  v1::SwarmDhtItem get(Node& node, const v1::SwarmCommand& command) {
    node.events.clear();
    node.swarm->send(command);
    const auto is_last = [](const v1::SwarmEvent& event) {
      return event.dht_item().authoritative();
    };
    EXPECT_TRUE(node.wait([&] { return !node.all(is_last).empty(); }));
    const auto items = node.all(is_item);
    if (items.empty()) return {};
    EXPECT_EQ(items.back().dht_item().public_key(), command.dht_get().public_key());
    EXPECT_EQ(items.back().dht_item().salt(), command.dht_get().salt());
    return items.back().dht_item();
  }

  v1::SwarmDhtStored put(Node& node, const v1::SwarmCommand& command) {
    node.events.clear();
    node.swarm->send(command);
    EXPECT_TRUE(node.wait([&] { return !node.all(is_stored).empty(); }));
    const auto stored = node.all(is_stored);
    if (stored.empty()) return {};
    EXPECT_EQ(stored[0].dht_stored().public_key(), command.dht_put().public_key());
    EXPECT_EQ(stored[0].dht_stored().salt(), command.dht_put().salt());
    return stored[0].dht_stored();
  }

  static void expect_same(const v1::SwarmDhtItem& item, const v1::SwarmDhtPut& put) {
    EXPECT_EQ(item.sequence(), put.sequence());
    EXPECT_EQ(item.value(), put.value());
    EXPECT_EQ(item.signature(), put.signature());
  }

  boost::asio::io_context loop_;
  std::list<Node> nodes_;
  ItemKey key_{1};
};

TEST_F(Dht, GivesToOneWhatAnotherPut) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  auto& third = add_node(first.endpoint());
  const auto command = key_.put(1'790'000'000'123, "d2:ih20:aaaaaaaaaaaaaaaaaaaa1:o3:abce");

  const auto stored = put(second, command);
  EXPECT_EQ(stored.sequence(), command.dht_put().sequence());
  EXPECT_GE(stored.nodes(), 1U);

  expect_same(get(third, key_.get()), command.dht_put());
  EXPECT_TRUE(get(third, key_.get("owrd/other")).value().empty()) << "another salt";
}

TEST_F(Dht, NodesMayHaveAddressesOfTheirOwn) {
  auto& first = add_node({}, "127.0.0.11:0");
  auto& second = add_node(first.endpoint(), "127.0.0.12:0");
  auto& third = add_node(first.endpoint(), "127.0.0.13:0");
  const auto command = key_.put(7, "5:value");
  EXPECT_GE(put(second, command).nodes(), 1U);
  expect_same(get(third, key_.get()), command.dht_put());
}

TEST_F(Dht, KeepsAnItemWhenItsPublisherIsGone) {
  auto& host = add_node();
  auto& publisher = add_node(host.endpoint());
  const auto command = key_.put(3, "5:value");
  ASSERT_GE(put(publisher, command).nodes(), 1U);
  remove_node(publisher);

  // The last answer takes until the publisher's node is given up.
  auto& newcomer = add_node(host.endpoint());
  newcomer.swarm->send(key_.get());
  ASSERT_TRUE(newcomer.wait([&] { return !newcomer.all(is_item).empty(); }));
  expect_same(newcomer.all(is_item)[0].dht_item(), command.dht_put());
}

TEST_F(Dht, TakesAnItemFromWhoHasNotItsKey) {
  auto& host = add_node();
  auto& publisher = add_node(host.endpoint());
  const auto command = key_.put(3, "5:value");
  ASSERT_GE(put(publisher, command).nodes(), 1U);
  const auto got = get(host, key_.get());
  nodes_.clear();

  v1::SwarmCommand again;
  auto& as_it_was = *again.mutable_dht_put();
  as_it_was.set_public_key(got.public_key());
  as_it_was.set_salt(got.salt());
  as_it_was.set_sequence(got.sequence());
  as_it_was.set_value(got.value());
  as_it_was.set_signature(got.signature());
  auto& new_host = add_node();
  auto& follower = add_node(new_host.endpoint());
  auto& newcomer = add_node(new_host.endpoint());
  EXPECT_TRUE(get(newcomer, key_.get()).value().empty()) << "it died with those who held it";
  ASSERT_GE(put(follower, again).nodes(), 1U);
  expect_same(get(newcomer, key_.get()), command.dht_put());
}

TEST_F(Dht, KeepsTheHigherSequence) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  auto& third = add_node(first.endpoint());
  const auto newer = key_.put(5, "5:newer");
  ASSERT_GE(put(second, key_.put(4, "5:older")).nodes(), 1U);
  ASSERT_GE(put(second, newer).nodes(), 1U);

  EXPECT_EQ(put(third, key_.put(4, "5:older")).sequence(), 5);

  expect_same(get(second, key_.get()), newer.dht_put());
  expect_same(get(third, key_.get()), newer.dht_put());
}

TEST_F(Dht, AnswersForAnItemThatIsNotThere) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  const auto item = get(second, key_.get());
  EXPECT_TRUE(item.value().empty());
  EXPECT_TRUE(item.signature().empty());
  EXPECT_EQ(item.sequence(), 0);
}

TEST_F(Dht, AnswersWhenNobodyElseIsThere) {
  auto& alone = add_node();
  EXPECT_TRUE(get(alone, key_.get()).value().empty());
  EXPECT_EQ(put(alone, key_.put(1, "5:value")).nodes(), 0U);
}

TEST_F(Dht, AnswersWhenItIsOff) {
  auto& node = nodes_.emplace_back(loop_);
  ASSERT_TRUE(node.start());
  EXPECT_TRUE(get(node, key_.get()).value().empty());
  EXPECT_EQ(put(node, key_.put(1, "5:value")).nodes(), 0U);
}

TEST_F(Dht, AnswersWhenItIsSwitchedOffMeanwhile) {
  auto& node = add_node();
  node.swarm->send(key_.get());
  node.swarm->send(key_.put(1, "5:value"));
  node.swarm->send(make_configure());
  EXPECT_TRUE(
      node.wait([&] { return !node.all(is_item).empty() && !node.all(is_stored).empty(); }));
  EXPECT_TRUE(node.all(is_item)[0].dht_item().authoritative());
  EXPECT_EQ(node.all(is_stored)[0].dht_stored().nodes(), 0U);
}

TEST_F(Dht, AnswersWhenItsBootstrapNodeIsSilent) {
  using boost::asio::ip::udp;
  const udp::socket silent(loop_, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  auto& node = add_node("127.0.0.1:" + std::to_string(silent.local_endpoint().port()));
  node.swarm->send(key_.put(1, "5:value"));
  EXPECT_TRUE(get(node, key_.get()).value().empty());
  EXPECT_TRUE(node.wait([&] { return !node.all(is_stored).empty(); }));
  EXPECT_EQ(node.all(is_stored)[0].dht_stored().nodes(), 0U);
}

TEST_F(Dht, AnswersTwoWhoAskForTheSame) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  const ItemKey other(2);
  second.swarm->send(key_.get());
  second.swarm->send(other.get());
  second.swarm->send(key_.get());
  EXPECT_TRUE(second.wait([&] { return second.all(is_item).size() == 2; }));
  EXPECT_TRUE(get(second, other.get()).value().empty());
}

TEST_F(Dht, RefusesWhatLibtorrentWouldCutOff) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  const std::string longest = "996:" + std::string(996, 'x');
  ASSERT_GE(put(second, key_.put(1, longest, std::string(64, 's'))).nodes(), 1U);

  EXPECT_EQ(put(second, key_.put(2, "997:" + std::string(997, 'x'))).nodes(), 0U);
  EXPECT_EQ(second.log.back(), "an item is not put into the DHT: a value of 1001 bytes");
  auto command = key_.put(2, "5:value");
  command.mutable_dht_put()->set_salt(std::string(65, 's'));
  EXPECT_EQ(put(second, command).nodes(), 0U);
  EXPECT_EQ(second.log.back(), "an item is not put into the DHT: a salt of 65 bytes");
  EXPECT_TRUE(get(second, key_.get(std::string(65, 's'))).value().empty());
  EXPECT_EQ(second.log.back(), "an item of the DHT cannot be looked up: a salt of 65 bytes");
  EXPECT_TRUE(get(second, key_.get()).value().empty());
  EXPECT_EQ(get(second, key_.get(std::string(64, 's'))).value(), longest);
  EXPECT_EQ(second.swarm->restarts(), 0U);
}

TEST_F(Dht, RefusesWhatIsNoItem) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  ASSERT_GE(put(second, key_.put(1, "5:value")).nodes(), 1U);
  for (const char* value : {"", "5:valu", "5:value6:more", "d1:b0:1:a0:e", "i01e", "value"}) {
    SCOPED_TRACE(value);
    EXPECT_EQ(put(second, key_.put(2, value)).nodes(), 0U);
  }
  auto command = key_.put(2, "5:value");
  command.mutable_dht_put()->mutable_signature()->pop_back();
  EXPECT_EQ(put(second, command).nodes(), 0U);
  command = key_.put(2, "5:value");
  command.mutable_dht_put()->mutable_signature()->front() ^= 1;
  EXPECT_EQ(put(second, command).nodes(), 0U) << "the nodes refuse a wrong signature";
  command.mutable_dht_put()->set_public_key("short");
  EXPECT_EQ(put(second, command).nodes(), 0U);
  EXPECT_EQ(put(second, key_.put(-1, "5:value")).nodes(), 0U);
  EXPECT_EQ(get(second, key_.get()).sequence(), 1);
}

TEST_F(Dht, GivesTheOneGoodFormOfASignature) {
  auto& first = add_node();
  auto& second = add_node(first.endpoint());
  const auto good = key_.put(1, "5:value");
  auto hostile = good;
  hostile.mutable_dht_put()->set_signature(malleate(good.dht_put().signature()));
  ASSERT_NE(hostile.dht_put().signature(), good.dht_put().signature());
  ASSERT_GE(put(second, hostile).nodes(), 1U) << "libtorrent no longer takes it";

  expect_same(get(second, key_.get()), good.dht_put());
}

TEST_F(Dht, PeersFindEachOtherWhoWereThereBeforeItsNodes) {
  const TestDirectory root;
  const auto release = make_torrent({{"shard.bin", make_content(100'000, 1)}}, 16 * 1024);
  release.write(root / "seed");
  release.write_empty(root / "get");
  auto& seed = add_node();
  auto& leech = add_node();
  seed.swarm->send(release.seed(1, root / "seed"));
  leech.swarm->send(release.add(1, root / "get"));
  EXPECT_TRUE(get(leech, key_.get()).value().empty()) << "it has no nodes yet";

  const auto& host = add_node(seed.endpoint());
  leech.swarm->send(configure(host.endpoint(), "127.0.0.1:0"));
  EXPECT_TRUE(leech.wait([&] { return leech.pieces(1).size() == release.piece_count; }));
}

}  // namespace
}  // namespace owrd::swarm
