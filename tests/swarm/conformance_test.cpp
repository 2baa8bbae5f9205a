#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "daemon/swarm/worker_process.h"
#include "tests/support/fake_swarm.h"
#include "tests/swarm/node.h"
#include "tests/swarm/signed_item.h"

namespace owrd::swarm {
namespace {

/// What every Swarm promises, put to the fake one and to the real one alike.
class Conformance : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      WorkerProcess::Options options;
      options.program = OWRD_SWARM_PROGRAM;
      real_ = std::make_unique<WorkerProcess>(loop_, std::move(options));
    } else {
      fake_ = std::make_unique<FakeSwarm>(loop_);
    }
    swarm().set_listener([this](const v1::SwarmEvent& event) {
      EXPECT_FALSE(is_sending_);
      events_.push_back(event);
    });
  }

  Swarm& swarm() { return real_ ? static_cast<Swarm&>(*real_) : *fake_; }

  void send(const v1::SwarmCommand& command) {
    is_sending_ = true;
    swarm().send(command);
    is_sending_ = false;
  }

  void crash() {
    if (fake_) {
      fake_->lose_worker("the worker was killed");
      fake_->restart_worker();
    } else {
      ASSERT_EQ(::kill(swarm().pid(), SIGKILL), 0);
    }
  }

  /// The DHT on, with somebody else in it.
  v1::SwarmCommand configure_dht() {
    auto command = make_configure();
    command.mutable_configure()->set_dht(true);
    if (fake_) return command;
    other_ = std::make_unique<Node>(loop_);
    EXPECT_TRUE(other_->start(command));
    command.mutable_configure()->add_dht_bootstrap(other_->endpoint());
    return command;
  }

  v1::SwarmDhtItem look_up(const v1::SwarmCommand& get) {
    send(get);
    const auto item = next(v1::SwarmEvent::kDhtItem).dht_item();
    // When that was not the last word, the same comes once more.
    return item.authoritative() ? item : next(v1::SwarmEvent::kDhtItem).dht_item();
  }

  /// The first event of this kind, which is waited for; all before it are dropped.
  v1::SwarmEvent next(v1::SwarmEvent::EventCase kind) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < deadline) {
      while (!events_.empty()) {
        const auto event = events_.front();
        events_.erase(events_.begin());
        if (event.event_case() == kind) return event;
      }
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds{50});
    }
    ADD_FAILURE() << "no event of kind " << kind;
    return {};
  }

  TestDirectory root_;
  boost::asio::io_context loop_;
  MadeTorrent release_ =
      make_torrent({{"a.bin", make_content(40000, 1)}, {"b.bin", make_content(20, 2)}}, 16384);
  std::unique_ptr<WorkerProcess> real_;
  std::unique_ptr<Node> other_;
  std::unique_ptr<FakeSwarm> fake_;
  std::vector<v1::SwarmEvent> events_;
  bool is_sending_ = false;
};

TEST_P(Conformance, IsReadyAfterTheFirstConfigure) {
  EXPECT_FALSE(swarm().is_running());
  EXPECT_EQ(swarm().pid(), 0);

  send(make_configure());

  const auto ready = next(v1::SwarmEvent::kReady).ready();
  ASSERT_EQ(ready.listening_size(), 1);
  EXPECT_TRUE(ready.listening(0).starts_with("127.0.0.1:"));
  EXPECT_FALSE(ready.listening(0).ends_with(":0"));
  EXPECT_TRUE(swarm().is_running());
  EXPECT_NE(swarm().pid(), 0);
}

TEST_P(Conformance, AnswersAddCheckpointAndRemove) {
  send(make_configure());
  auto add = release_.add(5, root_ / "get");
  add.mutable_add()->set_have(to_bitmap({1}, release_.piece_count));
  send(add);
  EXPECT_EQ(next(v1::SwarmEvent::kAdded).added().id(), 5U);

  v1::SwarmCommand checkpoint;
  checkpoint.mutable_checkpoint()->set_id(5);
  checkpoint.mutable_checkpoint()->set_token(77);
  send(checkpoint);
  const auto answer = next(v1::SwarmEvent::kCheckpointed).checkpointed();
  EXPECT_EQ(answer.id(), 5U);
  EXPECT_EQ(answer.token(), 77U);
  EXPECT_EQ(parse_bitmap(answer.have()), std::set<std::uint32_t>{1});

  v1::SwarmCommand remove;
  remove.mutable_remove()->set_id(5);
  send(remove);
  EXPECT_EQ(next(v1::SwarmEvent::kRemoved).removed().id(), 5U);
}

TEST_P(Conformance, AddsAgainWhatIsJustLeaving) {
  send(make_configure());
  send(release_.add(1, root_ / "get"));
  next(v1::SwarmEvent::kAdded);
  v1::SwarmCommand remove;
  remove.mutable_remove()->set_id(1);
  send(remove);
  send(release_.add(2, root_ / "get"));
  send(release_.add(3, root_ / "get"));
  remove.mutable_remove()->set_id(3);
  send(remove);

  std::vector<std::uint64_t> removed;
  removed.push_back(next(v1::SwarmEvent::kRemoved).removed().id());
  removed.push_back(next(v1::SwarmEvent::kRemoved).removed().id());
  std::sort(removed.begin(), removed.end());
  EXPECT_EQ(removed, (std::vector<std::uint64_t>{1, 3}));
  v1::SwarmCommand checkpoint;
  checkpoint.mutable_checkpoint()->set_id(2);
  send(checkpoint);
  EXPECT_EQ(next(v1::SwarmEvent::kCheckpointed).checkpointed().id(), 2U) << "it is there";
}

TEST_P(Conformance, AnswersARemoveOfWhatIsNotThere) {
  send(make_configure());
  v1::SwarmCommand remove;
  remove.mutable_remove()->set_id(123);
  send(remove);
  EXPECT_EQ(next(v1::SwarmEvent::kRemoved).removed().id(), 123U);
}

TEST_P(Conformance, SurvivesCommandsForWhatIsNotThere) {
  send(make_configure());
  next(v1::SwarmEvent::kReady);
  v1::SwarmCommand command;
  send(command);
  command.mutable_set_upload_only()->set_id(9);
  send(command);
  command.mutable_checkpoint()->set_id(9);
  send(command);
  command.mutable_tell()->set_id(9);
  command.mutable_tell()->add_objects("object");
  send(command);
  command.mutable_connect_peers()->set_id(9);
  command.mutable_connect_peers()->add_peers("nonsense");
  send(command);

  send(release_.add(1, root_ / "get"));
  EXPECT_EQ(next(v1::SwarmEvent::kAdded).added().id(), 1U);
}

TEST_P(Conformance, StoresAndFindsItemsOfTheDht) {
  const ItemKey key(1);
  const auto put = key.put(2, "5:newer");
  send(configure_dht());
  send(put);
  const auto stored = next(v1::SwarmEvent::kDhtStored).dht_stored();
  EXPECT_EQ(stored.public_key(), key.public_key());
  EXPECT_EQ(stored.salt(), put.dht_put().salt());
  EXPECT_EQ(stored.sequence(), 2);
  EXPECT_GE(stored.nodes(), 1U);
  send(key.put(1, "5:older"));
  EXPECT_EQ(next(v1::SwarmEvent::kDhtStored).dht_stored().sequence(), 2);

  const auto item = look_up(key.get());
  EXPECT_TRUE(item.authoritative());
  EXPECT_EQ(item.public_key(), key.public_key());
  EXPECT_EQ(item.salt(), put.dht_put().salt());
  EXPECT_EQ(item.sequence(), 2);
  EXPECT_EQ(item.value(), "5:newer");
  EXPECT_EQ(item.signature(), put.dht_put().signature());
  const auto nothing = look_up(key.get("another salt"));
  EXPECT_TRUE(nothing.authoritative());
  EXPECT_EQ(nothing.salt(), "another salt");
  EXPECT_TRUE(nothing.value().empty());
}

TEST_P(Conformance, RefusesItemsOverTheLimits) {
  const ItemKey key(1);
  send(configure_dht());
  send(key.put(1, "997:" + std::string(997, 'x')));
  EXPECT_EQ(next(v1::SwarmEvent::kDhtStored).dht_stored().nodes(), 0U);
  auto put = key.put(1, "5:value");
  put.mutable_dht_put()->set_salt(std::string(65, 's'));
  send(put);
  EXPECT_EQ(next(v1::SwarmEvent::kDhtStored).dht_stored().nodes(), 0U);
  EXPECT_TRUE(look_up(key.get()).value().empty());
}

TEST_P(Conformance, AnswersForItemsWhileTheDhtIsOff) {
  const ItemKey key(1);
  send(make_configure());
  send(key.put(1, "5:value"));
  EXPECT_EQ(next(v1::SwarmEvent::kDhtStored).dht_stored().nodes(), 0U);
  send(key.get());
  const auto item = next(v1::SwarmEvent::kDhtItem).dht_item();
  EXPECT_TRUE(item.authoritative());
  EXPECT_TRUE(item.value().empty());
}

TEST_P(Conformance, TellsOfALossAndIsReadyAgain) {
  send(make_configure());
  next(v1::SwarmEvent::kReady);
  send(release_.add(1, root_ / "get"));
  next(v1::SwarmEvent::kAdded);

  crash();

  EXPECT_FALSE(next(v1::SwarmEvent::kWorkerLost).worker_lost().reason().empty());
  next(v1::SwarmEvent::kReady);
  EXPECT_EQ(swarm().restarts(), 1U);
  send(release_.add(2, root_ / "get"));
  EXPECT_EQ(next(v1::SwarmEvent::kAdded).added().id(), 2U);
}

TEST_P(Conformance, EndsOnShutdownWithoutALoss) {
  send(make_configure());
  next(v1::SwarmEvent::kReady);
  v1::SwarmCommand command;
  command.mutable_shutdown();
  send(command);
  next(v1::SwarmEvent::kSessionState);
  for (int i = 0; i < 200 && swarm().is_running(); ++i) {
    loop_.restart();
    loop_.run_one_for(std::chrono::milliseconds{50});
  }

  EXPECT_FALSE(swarm().is_running());
  EXPECT_TRUE(events_.empty());
  send(make_configure());
  next(v1::SwarmEvent::kReady);
}

INSTANTIATE_TEST_SUITE_P(Swarms, Conformance, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Real" : "Fake"; });

}  // namespace
}  // namespace owrd::swarm
