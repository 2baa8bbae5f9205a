#pragma once

#include <functional>
#include <libtorrent/extensions.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace owrd::worker {

/// The most of them that one connection carries, in each direction, and the most bytes of one.
constexpr std::size_t kMaxObjects = 64;
constexpr std::size_t kMaxObjectBytes = 8192;

/// What every owrd among a torrent's peers is to be told. Written by the worker's thread, read by
/// libtorrent's.
class ToldObjects {
 public:
  struct Object {
    std::string bytes;
    lt::sha256_hash digest;
  };
  using Set = std::shared_ptr<const std::vector<Object>>;

  struct Change {
    bool has_new;      ///< Something that was not in it before.
    bool is_complete;  ///< Nothing was left out for being over the limits.
  };
  Change replace(const std::vector<std::string>& objects);
  /// Another pointer after every change.
  Set all() const;

 private:
  mutable std::mutex mutex_;
  Set set_ = std::make_shared<const std::vector<Object>>();
};

/// What a peer (its endpoint) told. Called on libtorrent's thread.
using OnHeard = std::function<void(std::string peer, std::string object)>;

/// A torrent's part of the protocol "owrd_object" (BEP 10): each message is one object, whatever
/// its bytes mean. Each object goes once over each connection, in batches, for pieces matter more.
/// What a peer sends beyond the limits is ignored; nothing that it sends here ends the connection.
///
/// Two peers that both have everything have no use for each other, and libtorrent parts them at
/// once; owrds stay for a while, to talk: who has just completed a release may have something to
/// say about it.
std::function<std::shared_ptr<lt::torrent_plugin>(const lt::torrent_handle&, lt::client_data_t)>
make_object_exchange(std::shared_ptr<const ToldObjects> told, OnHeard on_heard);

}  // namespace owrd::worker
