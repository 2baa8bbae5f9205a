#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/store/store.h"

namespace owrd::store {

/// A fresh directory of the test's own, removed with it.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "owrd-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A digest that is different for each number.
inline Digest digest(std::uint32_t number) {
  std::array<std::byte, Digest::kBytes> bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(number >> (8 * i));
  return Digest(bytes);
}

inline PinnedPublisher acme() {
  return {digest(1), "acme", 1'700'000'000, {to_bytes("root 1"), to_bytes("root 2")}};
}

/// Release `number` of acme, with every field set.
inline StoredRelease release(std::uint32_t number) {
  StoredRelease release{digest(1000 + number),
                        acme().id,
                        "atlas",
                        "1." + std::to_string(number),
                        to_bytes("proof " + std::to_string(number)),
                        digest(2000 + number),
                        "/srv/atlas"};
  release.ownership = Ownership::Given;
  release.intent = Intent::Seed;
  release.seed_after = true;
  release.seed_limit = {1500, 604800};
  release.include = {"*.safetensors", "README.md"};
  release.exclude = {"*.bin"};
  release.peers = {"192.0.2.1:29170", "[2001:db8::1]:29170"};
  release.trackers = {"udp://tracker.example.org:6969"};
  release.reuse = {"/srv/old"};
  release.allow = {"pickle"};
  release.super_seeding = true;
  release.added = 1'700'000'001 + number;
  release.completed = 1'700'000'002;
  release.uploaded = 3;
  release.downloaded = 4;
  release.reused = 5;
  return release;
}

/// A store in a fresh directory.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { reopen(); }

  void reopen() {
    store_.reset();
    auto store = Store::open(directory_);
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  Scratch scratch_;
  std::filesystem::path directory_ = scratch_.path() / "store";
  std::unique_ptr<Store> store_;
};

inline ::testing::AssertionResult succeeded(const Result<>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().message;
}

}  // namespace owrd::store
