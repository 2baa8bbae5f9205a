#include "tests/support/fake_swarm.h"

#include <gtest/gtest.h>

#include "tests/swarm/signed_item.h"

namespace owrd::swarm {
namespace {

/// A fake and what it said.
struct Listened {
  Listened() {
    swarm.set_listener([this](const v1::SwarmEvent& event) { events.push_back(event); });
    v1::SwarmCommand configure;
    configure.mutable_configure()->set_dht(true);
    swarm.send(configure);
  }

  void add(std::uint64_t id, const std::string& infohash, const std::vector<std::string>& objects) {
    v1::SwarmCommand command;
    command.mutable_add()->set_id(id);
    command.mutable_add()->set_infohash(infohash);
    swarm.send(command);
    command.mutable_tell()->set_id(id);
    for (const auto& object : objects) command.mutable_tell()->add_objects(object);
    swarm.send(command);
  }

  std::vector<std::string> heard(std::uint64_t id) {
    swarm.deliver();
    std::vector<std::string> objects;
    for (const auto& event : events)
      if (event.heard().id() == id) objects.push_back(event.heard().object());
    return objects;
  }

  std::vector<v1::SwarmDhtItem> look_up(const v1::SwarmCommand& get) {
    events.clear();
    swarm.send(get);
    swarm.deliver();
    std::vector<v1::SwarmDhtItem> items;
    for (const auto& event : events)
      if (event.has_dht_item()) items.push_back(event.dht_item());
    return items;
  }

  FakeSwarm swarm;
  std::vector<v1::SwarmEvent> events;
};

TEST(FakeSwarm, ThoseWhoMeetTellEachOtherWhatIsNew) {
  Listened a;
  Listened b;
  a.add(1, "same", {"of a"});
  a.add(2, "other", {"of another torrent"});
  b.add(9, "same", {"of b", std::string(8193, 'x'), ""});
  EXPECT_EQ(b.swarm.told(9), std::vector<std::string>{"of b"});

  a.swarm.meet(b.swarm);
  a.swarm.meet(b.swarm);
  EXPECT_EQ(a.heard(1), std::vector<std::string>{"of b"});
  EXPECT_EQ(b.heard(9), std::vector<std::string>{"of a"});

  v1::SwarmCommand tell;
  tell.mutable_tell()->set_id(1);
  tell.mutable_tell()->add_objects("new");
  a.swarm.send(tell);
  b.swarm.meet(a.swarm);
  EXPECT_EQ(b.heard(9), (std::vector<std::string>{"of a", "new"}));
}

TEST(FakeSwarm, SharesItsDhtAndAnswersAsItWasTold) {
  Listened a;
  Listened b;
  b.swarm.share_dht(a.swarm);
  const ItemKey key(1);
  a.swarm.send(key.put(3, "5:value"));
  ASSERT_EQ(b.look_up(key.get()).size(), 1U);
  EXPECT_EQ(b.look_up(key.get())[0].sequence(), 3);

  const FakeDht::Key where{key.public_key(), key.get().dht_get().salt()};
  a.swarm.dht().answers[where] = {{1, "5:stale", "forged"}, {2, std::string(2000, 'x'), ""}};
  const auto items = b.look_up(key.get());
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].value(), "5:stale");
  EXPECT_FALSE(items[0].authoritative());
  EXPECT_EQ(items[1].sequence(), 2);
  EXPECT_TRUE(items[1].authoritative());

  a.swarm.dht().answers[where] = {};
  EXPECT_TRUE(b.look_up(key.get()).at(0).value().empty());
  a.swarm.dht().answers.clear();
  a.swarm.dht().nodes = 0;
  EXPECT_TRUE(b.look_up(key.get()).at(0).value().empty());
}

}  // namespace
}  // namespace owrd::swarm
