#include "daemon/worker/torrent.h"

#include <algorithm>
#include <cerrno>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/pex_flags.hpp>
#include <string_view>
#include <utility>

#include "daemon/worker/disk/layout.h"
#include "daemon/worker/link.h"
#include "daemon/worker/peer_address.h"
#include "daemon/worker/peer_guard.h"

namespace owrd::worker {
namespace {

constexpr std::size_t kMaxEndpoints = 50;
/// With bans, at most.
constexpr std::chrono::seconds kMostPatience{60};
/// Only a download that stands still has a piece that nobody has.
constexpr std::chrono::seconds kStandstill{1};
/// The one peer of a careful life may have nothing for us.
constexpr std::chrono::seconds kCarefulPatience{10};
/// A torrent that was added so lately may still meet its peers by itself.
constexpr std::chrono::seconds kFirstMeetings{10};
/// Of a torrent that finds no peers, from one look into the DHT to the next.
constexpr std::chrono::seconds kFirstAnnouncePatience{5};
constexpr std::chrono::seconds kMostAnnouncePatience{300};

std::uint64_t to_count(std::int64_t number) {
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

bool is_connected(const lt::peer_info& peer) {
  return !(peer.flags & (lt::peer_info::connecting | lt::peer_info::handshake));
}

int to_errno(const lt::error_code& error) {
  const bool is_errno = error.category() == boost::system::system_category() ||
                        error.category() == boost::system::generic_category();
  return is_errno ? error.value() : EIO;
}

}  // namespace

Torrent::Torrent(v1::SwarmAdd add, bool use_pex, Report report, OnHeard on_heard)
    : add_(std::move(add)),
      use_pex_(use_pex),
      report_(std::move(report)),
      on_heard_(std::move(on_heard)) {}

// --- In and out of the session

Result<> Torrent::start(lt::session& session) {
  auto torrent = load();
  if (!torrent) return torrent.error();
  // libtorrent's own from here on: its thread changes it.
  auto params = make_params(add_, std::move(*torrent), files_, have_, use_pex_);
  params.extensions.push_back(make_peer_guard(hash_messages_off_));
  params.extensions.push_back(make_object_exchange(told_, on_heard_));
  update_guard();
  // libtorrent looks once a second whom to connect to, but at once when a torrent is resumed, if it
  // knows its peers by then.
  params.flags |= lt::torrent_flags::paused;
  params.peers.assign(named_peers_.begin(), named_peers_.end());
  params.peers.insert(params.peers.end(), met_.begin(), met_.end());
  lt::error_code error;
  handle_ = session.add_torrent(std::move(params), error);
  if (error) return Error{ErrorCode::InvalidInput, "adding the torrent: " + error.message()};
  last_piece_ = Clock::now();
  started_ = Clock::now();
  is_announced_ = false;
  announce_patience_ = kFirstAnnouncePatience;
  next_announce_ = Clock::now() + announce_patience_;
  has_news_ = false;
  banned_.clear();
  if (is_careful_) handle_.set_max_connections(1);
  retry_peers();
  handle_.resume();
  return Done{};
}

/// Reads what add_ says. Null when only the infohash is known.
Result<std::shared_ptr<lt::torrent_info>> Torrent::load() {
  piece_count_ = 0;
  files_.clear();
  have_ = Pieces();
  if (add_.infohash().size() != 32)
    return Error{ErrorCode::InvalidInput, "the torrent needs an infohash"};
  if (add_.info().empty()) return std::shared_ptr<lt::torrent_info>();
  auto torrent = load_torrent(add_);
  if (!torrent) return torrent.error();
  auto files = list_files(**torrent);
  if (!files) return files.error();
  auto have = parse_bitmap(add_.have(), (*torrent)->num_pieces());
  if (!have) return have.error();
  piece_count_ = (*torrent)->num_pieces();
  files_ = std::move(*files);
  have_ = std::move(*have);
  return torrent;
}

/// Leaving for good wins over everything else.
void Torrent::leave(Next next) {
  if (!is_leaving_ || next == Next::End) next_ = next;
  if (std::exchange(is_leaving_, true)) return;
  // What was quickly done had no statistics yet.
  std::vector<lt::peer_info> peers;
  handle_.get_peer_info(peers);
  note_peers(peers);
  handle_.pause();
}

void Torrent::remove() { leave(Next::End); }

void Torrent::fail(const std::string& reason) {
  v1::SwarmEvent event;
  event.mutable_failed()->set_id(id());
  event.mutable_failed()->set_reason(reason);
  report_(std::move(event));
  leave(Next::None);
}

bool Torrent::is_writing() const {
  const auto queue = handle_.get_download_queue();
  return std::any_of(queue.begin(), queue.end(),
                     [](const lt::partial_piece_info& piece) { return piece.writing > 0; });
}

bool Torrent::on_removed(lt::session& session) {
  handle_ = {};
  if (next_ == Next::End) {
    v1::SwarmEvent event;
    event.mutable_removed()->set_id(id());
    report_(std::move(event));
  }
  if (next_ != Next::StartAgain) return false;

  add_.set_have(to_bitmap(have_));
  earlier_downloaded_ += to_count(status_.total_payload_download);
  earlier_uploaded_ += to_count(status_.total_payload_upload);
  earlier_failed_ += to_count(status_.total_failed_bytes);
  status_ = {};
  next_ = Next::None;
  is_leaving_ = false;
  is_removed_ = false;
  if (const auto started = start(session); !started) {
    v1::SwarmEvent event;
    event.mutable_failed()->set_id(id());
    event.mutable_failed()->set_reason(started.error().message);
    report_(std::move(event));
    return false;
  }
  return true;
}

bool Torrent::poll(lt::session& session) {
  if (is_removed_ || !is_leaving_ || !handle_.is_valid()) return false;
  if (is_writing()) return true;
  // No peer is connected and no block waits: from here on nothing writes to its files.
  resync();
  report_pieces();
  status_ = handle_.status({});
  auto event = make_stats({});
  for (const auto& endpoint : met_) event.mutable_stats()->add_endpoints(to_string(endpoint));
  report_(std::move(event));
  is_removed_ = true;
  session.remove_torrent(handle_);
  return false;
}

// --- Commands

void Torrent::set_upload_only(bool upload_only) {
  add_.set_upload_only(upload_only);
  is_disk_error_told_ = false;
  handle_.clear_error();
  if (upload_only) {
    handle_.set_flags(lt::torrent_flags::upload_mode);
  } else {
    handle_.unset_flags(lt::torrent_flags::upload_mode);
  }
  if (!is_leaving_) handle_.resume();
}

void Torrent::checkpoint(std::uint64_t token) {
  v1::SwarmEvent event;
  event.mutable_checkpointed()->set_id(id());
  event.mutable_checkpointed()->set_token(token);
  event.mutable_checkpointed()->set_have(to_bitmap(have_));
  report_(std::move(event));
}

void Torrent::tell(const v1::SwarmTell& command) {
  // What it begins with is no news: its peers are still to be met.
  const bool is_first = told_->all()->empty() && Clock::now() - started_ < kFirstMeetings;
  const auto change = told_->replace({command.objects().begin(), command.objects().end()});
  has_news_ = has_news_ || (change.has_new && !is_first);
  if (change.is_complete) return;
  log("torrent " + std::to_string(id()) + ": objects that are empty, over " +
      std::to_string(kMaxObjectBytes) + " bytes or more than " + std::to_string(kMaxObjects) +
      " are not told to peers");
}

// --- Peers

void Torrent::add_endpoint(const lt::tcp::endpoint& endpoint) {
  named_peers_.insert(endpoint);
  retry_peers();
}

bool Torrent::wants_peers() const {
  return !is_leaving_ && handle_.is_valid() && !add_.upload_only() &&
         !(piece_count_ > 0 && missing().none_set());
}

void Torrent::retry_peers() {
  if (is_leaving_ || !handle_.is_valid()) return;
  for (const auto& endpoint : named_peers_) {
    if (connected_.count(endpoint) > 0) continue;
    // As if from a tracker: only then is an earlier failure forgiven. Without pex_lt_v2 libtorrent
    // 2.0.8 greets with a v1 infohash that a v2 torrent does not have.
    handle_.connect_peer(endpoint, lt::peer_info::tracker, lt::pex_lt_v2);
  }
}

bool Torrent::announce_when_due(std::uint32_t dht_nodes) {
  if (is_leaving_ || !handle_.is_valid()) return false;
  const bool is_alone = dht_nodes == 0 || (wants_peers() && connected_.empty());
  if (!is_alone) {  // Once it is, it waits anew.
    announce_patience_ = kFirstAnnouncePatience;
    next_announce_ = Clock::now() + announce_patience_;
  }
  if (dht_nodes == 0) is_announced_ = false;
  if (is_alone ? Clock::now() < next_announce_ : is_announced_) return false;
  is_announced_ = dht_nodes > 0;
  announce_patience_ = std::min(2 * announce_patience_, kMostAnnouncePatience);
  next_announce_ = Clock::now() + announce_patience_;
  handle_.force_dht_announce();
  return true;
}

void Torrent::forgive_peers() {
  if (!wants_peers() || add_.info().empty()) return;
  const auto waited = Clock::now() - last_piece_;
  if (is_careful_ && waited > kCarefulPatience) return connect_freely();
  if (banned_.empty() || !connected_.empty() || waited < patience_) return;
  patience_ = std::min(2 * patience_, kMostPatience);
  is_careful_ = true;
  leave(Next::StartAgain);
}

void Torrent::meet_peers_again() {
  if (is_leaving_ || !handle_.is_valid()) return;
  if (!has_news_ || wants_peers() || !connected_.empty()) return;
  if (Clock::now() - started_ < kFirstMeetings) return;
  has_news_ = false;
  leave(Next::StartAgain);
}

void Torrent::connect_freely() {
  is_careful_ = false;
  handle_.set_max_connections(-1);
}

// --- Alerts

void Torrent::on_ban(const lt::tcp::endpoint& endpoint) {
  if (!banned_.insert(endpoint).second) return;
  met_.erase(endpoint);
  log("torrent " + std::to_string(id()) + ": no longer trusting " + to_string(endpoint) +
      ", which had a part in pieces that failed their check");
  if (is_careful_) connect_freely();
}

void Torrent::on_metadata() {
  const auto found = handle_.torrent_file();
  if (!found || piece_count_ > 0) return;
  auto files = list_files(*found);
  if (!files) return fail(files.error().message);
  const auto info = found->info_section();
  if (static_cast<std::size_t>(info.size()) > kMaxInfoBytes)
    return fail("the torrent is refused: its metadata of " + std::to_string(info.size()) +
                " bytes is over the limit of " + std::to_string(kMaxInfoBytes));
  files_ = std::move(*files);
  piece_count_ = found->num_pieces();
  have_ = Pieces(piece_count_, false);

  v1::SwarmEvent event;
  auto& metadata = *event.mutable_metadata();
  metadata.set_id(id());
  metadata.set_info(info.data(), static_cast<std::size_t>(info.size()));
  metadata.set_piece_length(to_count(found->piece_length()));
  for (const auto& file : files_) {
    auto& entry = *metadata.add_files();
    entry.set_path(file.path);
    entry.set_length(to_count(file.length));
    entry.set_root(file.root);
  }
  report_(std::move(event));
}

void Torrent::on_piece(lt::piece_index_t piece) {
  if (piece >= have_.end_index() || have_[piece]) return;
  have_.set_bit(piece);
  unreported_.push_back(static_cast<std::uint32_t>(static_cast<int>(piece)));
  last_piece_ = Clock::now();
  patience_ = std::chrono::seconds{1};
}

void Torrent::resync() {
  if (piece_count_ == 0) return;
  const auto passed = handle_.status(lt::torrent_handle::query_pieces).pieces;
  for (const auto piece : passed.range())
    if (passed[piece]) on_piece(piece);
}

void Torrent::report_pieces() {
  if (unreported_.empty()) return;
  v1::SwarmEvent event;
  event.mutable_pieces()->set_id(id());
  event.mutable_pieces()->mutable_pieces()->Add(unreported_.begin(), unreported_.end());
  unreported_.clear();
  report_(std::move(event));
}

void Torrent::on_file_error(const lt::file_error_alert& alert) {
  if (is_disk_error_told_ || is_leaving_) return;
  is_disk_error_told_ = true;
  handle_.set_flags(lt::torrent_flags::upload_mode);
  v1::SwarmEvent event;
  auto& error = *event.mutable_disk_error();
  error.set_id(id());
  error.set_error(to_errno(alert.error));
  // libtorrent puts the place of the torrent before it.
  const std::string_view path = alert.filename();
  const auto place = disk::make_save_path(id()) + "/";
  error.set_file(std::string(path.substr(path.starts_with(place) ? place.size() : 0)));
  error.set_reason(std::string(lt::operation_name(alert.op)) + ": " + alert.error.message());
  report_(std::move(event));
}

void Torrent::on_error(const lt::torrent_error_alert& alert) {
  if (is_disk_error_told_ || is_leaving_) return;
  fail(alert.error.message());
}

// --- Statistics

Pieces Torrent::missing() const {
  Pieces pieces(piece_count_, false);
  for (const std::uint32_t number : add_.wanted_files()) {
    if (number >= files_.size()) continue;
    const auto& file = files_[number];
    for (int piece = file.first_piece; piece < file.first_piece + file.piece_count; ++piece)
      if (!have_[lt::piece_index_t(piece)]) pieces.set_bit(lt::piece_index_t(piece));
  }
  return pieces;
}

/// Hash messages are off while something is fetched and every wanted file has its layer: a seed
/// must answer them, for others come by magnet link, and without a layer they are where it comes
/// from.
void Torrent::update_guard() {
  std::set<std::string_view> roots;
  for (const auto& layer : add_.layers()) roots.insert(layer.root());
  bool has_layers = true;
  for (const std::uint32_t number : add_.wanted_files()) {
    if (number >= files_.size()) continue;
    const auto& file = files_[number];
    has_layers = has_layers && (file.piece_count <= 1 || roots.count(file.root) > 0);
  }
  hash_messages_off_->store(piece_count_ > 0 && has_layers && !missing().none_set());
}

/// Leaves those in it that are connected.
void Torrent::note_peers(std::vector<lt::peer_info>& peers) {
  std::erase_if(peers, [](const lt::peer_info& peer) { return !is_connected(peer); });
  connected_.clear();
  for (const auto& peer : peers) {
    connected_.insert(peer.ip);
    const bool is_ours = static_cast<bool>(peer.flags & lt::peer_info::local_connection);
    if (is_ours && met_.size() < kMaxEndpoints) met_.insert(peer.ip);
  }
}

std::vector<lt::peer_info> Torrent::report_stats(std::uint32_t dht_nodes) {
  std::vector<lt::peer_info> peers;
  if (!handle_.is_valid() || is_leaving_) return peers;
  if (status_.num_peers > 0) handle_.get_peer_info(peers);
  note_peers(peers);
  if (hash_messages_off_->load()) update_guard();
  const bool is_dht_news = (dht_nodes == 0) != (dht_nodes_ == 0);
  if (peers.empty() && !std::exchange(is_changed_, false) && !is_dht_news) return peers;

  dht_nodes_ = dht_nodes;
  auto event = make_stats(peers);
  end_super_seeding(event.stats());
  report_(std::move(event));
  return peers;
}

v1::SwarmEvent Torrent::make_stats(const std::vector<lt::peer_info>& peers) const {
  v1::SwarmEvent event;
  auto& stats = *event.mutable_stats();
  stats.set_id(id());
  stats.set_downloaded(earlier_downloaded_ + to_count(status_.total_payload_download));
  stats.set_uploaded(earlier_uploaded_ + to_count(status_.total_payload_upload));
  stats.set_failed_bytes(earlier_failed_ + to_count(status_.total_failed_bytes));
  stats.set_download_rate(to_count(status_.download_payload_rate));
  stats.set_upload_rate(to_count(status_.upload_payload_rate));
  stats.set_peers(static_cast<std::uint32_t>(peers.size()));
  stats.set_seeds(static_cast<std::uint32_t>(
      std::count_if(peers.begin(), peers.end(), [](const lt::peer_info& peer) {
        return static_cast<bool>(peer.flags & lt::peer_info::seed);
      })));
  stats.set_dht_nodes(dht_nodes_);
  stats.set_super_seeding(static_cast<bool>(status_.flags & lt::torrent_flags::super_seeding));
  for (const auto& peer : peers) {
    if (static_cast<std::size_t>(stats.endpoints_size()) >= kMaxEndpoints) break;
    stats.add_endpoints(to_string(peer.ip));
  }
  if (piece_count_ == 0) return event;

  const bool stands_still = !peers.empty() && Clock::now() - last_piece_ > kStandstill;
  const auto availability =
      measure_availability(peers, piece_count_, stands_still ? missing() : Pieces());
  stats.set_availability_permille(availability.permille);
  if (availability.missing_piece) stats.set_missing_piece(*availability.missing_piece);
  return event;
}

/// Super-seeding spreads the first copy well and everything after it badly.
void Torrent::end_super_seeding(const v1::SwarmStats& stats) {
  if (!stats.super_seeding() || stats.availability_permille() < 1000) return;
  add_.set_super_seeding(false);
  handle_.unset_flags(lt::torrent_flags::super_seeding);
}

}  // namespace owrd::worker
