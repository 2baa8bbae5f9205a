// libtorrent's Debug headers lay its classes out otherwise than Debian's library was built.
#undef TORRENT_USE_ASSERTS

#include "daemon/worker/object_exchange.h"

#include <algorithm>
#include <chrono>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <optional>
#include <set>
#include <utility>

#include "daemon/worker/peer_address.h"

namespace owrd::worker {
namespace {

constexpr const char* kName = "owrd_object";
/// What peers are to call our messages; libtorrent's own have numbers below it.
constexpr int kOurNumber = 40;
constexpr char kExtended = 20;  ///< BEP 10.
/// Sent at a time, and then every second.
constexpr std::size_t kBatchBytes = std::size_t{64} * 1024;
constexpr std::chrono::seconds kTalk{20};

bool is_redundancy(const lt::error_code& reason) {
  return reason == lt::errors::upload_upload_connection ||
         reason == lt::errors::uninteresting_upload_peer || reason == lt::errors::torrent_finished;
}

/// One message of BEP 10.
std::string make_message(int number, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 2);
  std::string message;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    message += static_cast<char>((length >> shift) & 0xff);
  message += kExtended;
  message += static_cast<char>(number);
  return message + body;
}

/// One connection's.
class Conversation final : public lt::peer_plugin {
 public:
  Conversation(lt::peer_connection_handle peer, std::shared_ptr<const ToldObjects> told,
               OnHeard on_heard)
      : peer_(std::move(peer)), told_(std::move(told)), on_heard_(std::move(on_heard)) {}

  lt::string_view type() const override { return kName; }

  void add_handshake(lt::entry& handshake) override { handshake["m"][kName] = kOurNumber; }

  bool on_handshake(lt::span<const char> reserved) override {
    if (reserved.size() < 6 || !(reserved[5] & 0x10)) may_be_owrd_ = false;
    return true;
  }

  /// May come again, and say otherwise.
  bool on_extension_handshake(const lt::bdecode_node& handshake) override {
    const auto messages = handshake.dict_find_dict("m");
    const auto number = messages ? messages.dict_find_int_value(kName, 0) : 0;
    their_number_ = number > 0 && number < 256 ? static_cast<int>(number) : 0;
    may_be_owrd_ = their_number_ != 0;
    tell();
    return true;
  }

  bool on_extended(int length, int number, lt::span<const char> body) override {
    if (number != kOurNumber) return false;
    const auto size = static_cast<std::size_t>(body.size());
    const bool is_whole = body.size() == length;
    if (!is_whole || size == 0 || size > kMaxObjectBytes || heard_ >= kMaxObjects) return true;
    ++heard_;
    on_heard_(to_string(peer_.remote()), std::string(body.data(), size));
    return true;
  }

  bool can_disconnect(const lt::error_code& reason) override {
    if (!is_redundancy(reason)) return true;
    if (!redundant_since_) redundant_since_ = Clock::now();
    return !is_talking();
  }

  void tick() override {
    tell();
    if (!redundant_since_ || is_talking()) return;
    redundant_since_.reset();
    if (peer_.upload_only() && !peer_.is_interesting())
      peer_.disconnect(lt::errors::upload_upload_connection, lt::operation_t::bittorrent);
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool is_talking() const { return may_be_owrd_ && Clock::now() - *redundant_since_ < kTalk; }

  void tell() {
    const auto set = told_->all();
    if (their_number_ == 0 || set == told_whole_ || peer_.is_disconnecting()) return;
    std::size_t batch_bytes = 0;
    for (const auto& object : *set) {
      if (batch_bytes >= kBatchBytes) return;
      if (sent_.size() == kMaxObjects) break;
      if (!sent_.insert(object.digest).second) continue;
      const auto message = make_message(their_number_, object.bytes);
      peer_.send_buffer(message.data(), static_cast<int>(message.size()));
      batch_bytes += message.size();
    }
    told_whole_ = set;
  }

  lt::peer_connection_handle peer_;
  std::shared_ptr<const ToldObjects> told_;
  OnHeard on_heard_;
  int their_number_ = 0;         ///< What they call our messages; 0 while they do not want them.
  bool may_be_owrd_ = true;      ///< Until it has said that it is not.
  ToldObjects::Set told_whole_;  ///< Nothing of it is left to send.
  std::set<lt::sha256_hash> sent_;
  std::size_t heard_ = 0;
  /// When libtorrent would have ended the connection, had it not been for us.
  std::optional<Clock::time_point> redundant_since_;
};

class ObjectExchange final : public lt::torrent_plugin {
 public:
  ObjectExchange(std::shared_ptr<const ToldObjects> told, OnHeard on_heard)
      : told_(std::move(told)), on_heard_(std::move(on_heard)) {}

  std::shared_ptr<lt::peer_plugin> new_connection(const lt::peer_connection_handle& peer) override {
    if (peer.type() != lt::connection_type::bittorrent) return nullptr;
    return std::make_shared<Conversation>(peer, told_, on_heard_);
  }

 private:
  std::shared_ptr<const ToldObjects> told_;
  OnHeard on_heard_;
};

}  // namespace

ToldObjects::Change ToldObjects::replace(const std::vector<std::string>& objects) {
  std::set<lt::sha256_hash> before;
  for (const auto& object : *all()) before.insert(object.digest);
  auto set = std::make_shared<std::vector<Object>>();
  for (const auto& bytes : objects) {
    if (bytes.empty() || bytes.size() > kMaxObjectBytes || set->size() == kMaxObjects) continue;
    set->push_back({bytes, lt::hasher256(bytes).final()});
  }
  const bool has_new = std::any_of(set->begin(), set->end(), [&](const Object& object) {
    return before.count(object.digest) == 0;
  });
  const bool is_complete = set->size() == objects.size();
  const std::lock_guard lock(mutex_);
  set_ = std::move(set);
  return {has_new, is_complete};
}

ToldObjects::Set ToldObjects::all() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

std::function<std::shared_ptr<lt::torrent_plugin>(const lt::torrent_handle&, lt::client_data_t)>
make_object_exchange(std::shared_ptr<const ToldObjects> told, OnHeard on_heard) {
  return [told = std::move(told), on_heard = std::move(on_heard)](const lt::torrent_handle&,
                                                                  lt::client_data_t) {
    return std::make_shared<ObjectExchange>(told, on_heard);
  };
}

}  // namespace owrd::worker
