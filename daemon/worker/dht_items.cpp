#include "daemon/worker/dht_items.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>
#include <optional>

#include "daemon/core/result.h"
#include "daemon/worker/link.h"

namespace owrd::worker {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
/// BEP 44. Beyond them libtorrent 2.0.8 writes and compares what it has cut off.
constexpr std::size_t kMaxSaltBytes = 64;
constexpr std::size_t kMaxValueBytes = 1000;

template <std::size_t kSize>
std::array<char, kSize> to_array(const std::string& bytes) {
  std::array<char, kSize> array{};
  std::copy_n(bytes.begin(), std::min(kSize, bytes.size()), array.begin());
  return array;
}

template <std::size_t kSize>
std::string to_string(const std::array<char, kSize>& array) {
  return {array.begin(), array.end()};
}

std::string encode(const lt::entry& value) {
  std::string encoded;
  if (value.type() != lt::entry::undefined_t) lt::bencode(std::back_inserter(encoded), value);
  return encoded;
}

/// Nothing when it is not bencoded in the one way that its signature can hold for.
std::optional<lt::entry> decode(const std::string& encoded) {
  lt::error_code error;
  const auto node = lt::bdecode(encoded, error);
  if (error) return std::nullopt;
  lt::entry value(node);
  if (encode(value) != encoded) return std::nullopt;
  return value;
}

Result<> check(const std::string& key, const std::string& salt) {
  if (key.size() != kKeyBytes)
    return Error{ErrorCode::InvalidInput,
                 "a public key of " + std::to_string(key.size()) + " bytes"};
  if (salt.size() > kMaxSaltBytes)
    return Error{ErrorCode::InvalidInput, "a salt of " + std::to_string(salt.size()) + " bytes"};
  return Done{};
}

Result<> check(const v1::SwarmDhtPut& put) {
  if (auto good = check(put.public_key(), put.salt()); !good) return good;
  if (put.signature().size() != kSignatureBytes)
    return Error{ErrorCode::InvalidInput,
                 "a signature of " + std::to_string(put.signature().size()) + " bytes"};
  if (put.sequence() < 0) return Error{ErrorCode::InvalidInput, "a sequence number below 0"};
  if (put.value().empty() || put.value().size() > kMaxValueBytes)
    return Error{ErrorCode::InvalidInput,
                 "a value of " + std::to_string(put.value().size()) + " bytes"};
  if (!decode(put.value())) return Error{ErrorCode::InvalidInput, "a value that is not bencoded"};
  return Done{};
}

/// libtorrent takes S + L for the S of a signature, which everybody can make of a good one (RFC
/// 8032, section 5.1.7, forbids it), and shows the first item of a sequence number that it gets:
/// one hostile node could have every good item refused. S is brought below L again.
std::string make_canonical(std::string signature) {
  constexpr std::array<unsigned, 32> kGroupOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                                    0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                                    0,    0,    0,    0,    0,    0,    0,    0,
                                                    0,    0,    0,    0,    0,    0,    0,    0x10};
  if (signature.size() != kSignatureBytes) return signature;
  std::string reduced = signature;
  unsigned borrow = 0;
  for (std::size_t i = 0; i < kGroupOrder.size(); ++i) {
    const auto digit = static_cast<unsigned char>(signature[32 + i]);
    reduced[32 + i] = static_cast<char>(digit - kGroupOrder[i] - borrow);
    borrow = digit < kGroupOrder[i] + borrow ? 1 : 0;
  }
  // It is below 2^253, which libtorrent does check: once is enough.
  return borrow > 0 ? signature : reduced;
}

/// What libtorrent calls, on its thread, with what the DHT holds, for each of its sockets.
/// Something newer is put again as it is.
auto make_change(const v1::SwarmDhtPut& put) {
  return [value = *decode(put.value()), sequence = put.sequence(),
          signature = to_array<kSignatureBytes>(put.signature())](
             lt::entry& held, std::array<char, kSignatureBytes>& held_signature,
             std::int64_t& held_sequence, const std::string& /*salt*/) {
    if (held.type() != lt::entry::undefined_t && held_sequence > sequence) return;
    held = value;
    held_signature = signature;
    held_sequence = sequence;
  };
}

}  // namespace

// --- Commands

void DhtItems::set_dht(bool is_on) {
  if (is_on && !is_on_) started_ = now_() + kStartPatience;
  is_on_ = is_on;
  answer_what_is_overdue();
}

void DhtItems::get(lt::session& session, const v1::SwarmDhtGet& command) {
  v1::SwarmDhtItem nothing;
  nothing.set_public_key(command.public_key());
  nothing.set_salt(command.salt());
  if (const auto good = check(command.public_key(), command.salt()); !good) {
    log("an item of the DHT cannot be looked up: " + good.error().message);
    return report_item(std::move(nothing), /*is_authoritative=*/true);
  }
  const auto [get, is_new] = gets_.try_emplace({command.public_key(), command.salt()});
  if (!is_new) return;
  get->second.deadline = now_() + kGetPatience;
  get->second.best = std::move(nothing);
  answer_what_is_overdue();
  ask_what_waits(session);
}

void DhtItems::put(lt::session& session, const v1::SwarmDhtPut& command) {
  if (const auto good = check(command); !good) {
    log("an item is not put into the DHT: " + good.error().message);
    return report_stored(command, command.sequence(), 0);
  }
  puts_.push_back({command, now_() + kPutPatience});
  answer_what_is_overdue();
  ask_what_waits(session);
}

bool DhtItems::is_anything_waiting() const {
  return std::any_of(gets_.begin(), gets_.end(),
                     [](const auto& entry) { return !entry.second.is_asked; }) ||
         std::any_of(puts_.begin(), puts_.end(), [](const Put& put) { return !put.is_asked; });
}

void DhtItems::ask_what_waits(lt::session& session) {
  if (!is_anything_waiting() || now_() < started_ || !session.is_dht_running()) return;
  for (auto& [key, get] : gets_) {
    if (std::exchange(get.is_asked, true)) continue;
    session.dht_get_item(to_array<kKeyBytes>(key.first), key.second);
  }
  for (auto& put : puts_) {
    if (std::exchange(put.is_asked, true)) continue;
    session.dht_put_item(to_array<kKeyBytes>(put.command.public_key()), make_change(put.command),
                         put.command.salt());
  }
}

// --- Answers

void DhtItems::on_item(const lt::dht_mutable_item_alert& alert) {
  const auto get = gets_.find({to_string(alert.key), alert.salt});
  if (get == gets_.end()) return;
  auto& best = get->second.best;
  const bool is_something = alert.item.type() != lt::entry::undefined_t;
  if (is_something && (best.value().empty() || alert.seq > best.sequence())) {
    best.set_sequence(alert.seq);
    best.set_value(encode(alert.item));
    best.set_signature(make_canonical(to_string(alert.signature)));
  }
  report_item(best, alert.authoritative);
  if (alert.authoritative) gets_.erase(get);
}

/// Which of several puts of one item it answers is told by the sequence number, unless the DHT held
/// a newer one.
void DhtItems::on_put(const lt::dht_put_alert& alert) {
  const auto find = [&](const auto& accepts) {
    return std::find_if(puts_.begin(), puts_.end(), [&](const Put& put) {
      return put.is_asked && put.command.public_key() == to_string(alert.public_key) &&
             put.command.salt() == alert.salt && accepts(put.command.sequence());
    });
  };
  auto put = find([&](std::int64_t sequence) { return sequence == alert.seq; });
  if (put == puts_.end()) put = find([&](std::int64_t sequence) { return sequence < alert.seq; });
  if (put == puts_.end()) return;
  const auto command = put->command;
  puts_.erase(put);
  report_stored(command, alert.seq, static_cast<std::uint32_t>(std::max(alert.num_success, 0)));
}

void DhtItems::on_bootstrap(lt::session& session) {
  started_ = now_();
  ask_what_waits(session);
}

void DhtItems::tick(lt::session& session) {
  answer_what_is_overdue();
  ask_what_waits(session);
}

/// All of it, when the DHT is off.
void DhtItems::answer_what_is_overdue() {
  const auto is_due = [this, now = now_()](Clock::time_point deadline) {
    return !is_on_ || now >= deadline;
  };
  std::erase_if(gets_, [&](const auto& entry) {
    if (!is_due(entry.second.deadline)) return false;
    report_item(entry.second.best, /*is_authoritative=*/true);
    return true;
  });
  std::erase_if(puts_, [&](const Put& put) {
    if (!is_due(put.deadline)) return false;
    report_stored(put.command, put.command.sequence(), 0);
    return true;
  });
}

void DhtItems::report_item(v1::SwarmDhtItem item, bool is_authoritative) {
  item.set_authoritative(is_authoritative);
  v1::SwarmEvent event;
  *event.mutable_dht_item() = std::move(item);
  report_(event);
}

void DhtItems::report_stored(const v1::SwarmDhtPut& command, std::int64_t sequence,
                             std::uint32_t nodes) {
  v1::SwarmEvent event;
  auto& stored = *event.mutable_dht_stored();
  stored.set_public_key(command.public_key());
  stored.set_salt(command.salt());
  stored.set_sequence(sequence);
  stored.set_nodes(nodes);
  report_(event);
}

}  // namespace owrd::worker
