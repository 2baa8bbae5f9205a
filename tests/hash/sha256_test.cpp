#include "daemon/hash/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace owrd::hash {
namespace {

// FIPS 180-2, appendix B; the empty message from NIST's SHA256ShortMsg.rsp.
TEST(Sha256, AgreesWithThePublishedVectors) {
  struct Case {
    std::string message, digest;
  };
  const Case cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [message, digest] : cases) EXPECT_EQ(sha256(as_bytes(message)).to_hex(), digest);
}

TEST(Sha256, DoesNotCareHowTheMessageIsCut) {
  const std::string message(1000, 'x');
  const auto whole = sha256(as_bytes(message));
  for (const std::size_t part : {1U, 7U, 63U, 64U, 65U, 999U}) {
    Sha256 hasher;
    for (std::size_t at = 0; at < message.size(); at += part)
      hasher.update(as_bytes(std::string_view(message).substr(at, part)));
    EXPECT_EQ(hasher.finish(), whole) << part;
  }
}

TEST(Sha256, KeepsItsStateWhenMoved) {
  Sha256 first;
  first.update(as_bytes("ab"));

  Sha256 second = std::move(first);
  second.update(as_bytes("c"));

  EXPECT_EQ(second.finish(), sha256(as_bytes("abc")));
}

TEST(Sha256, WorksInManyThreadsAtOnce) {
  const auto expected = sha256(as_bytes("abc"));
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  for (auto& count : right)
    threads.emplace_back([&count, &expected] {
      for (int i = 0; i < 1000; ++i) count += sha256(as_bytes("abc")) == expected ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(std::count(right.begin(), right.end(), 1000), 4);
}

TEST(Sha256DeathTest, IsSpentOnceFinished) {
  Sha256 hasher;
  static_cast<void>(hasher.finish());

  EXPECT_DEATH(hasher.update(as_bytes("late")), "Assertion");
}

}  // namespace
}  // namespace owrd::hash
