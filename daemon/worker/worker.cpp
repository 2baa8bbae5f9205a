#include "daemon/worker/worker.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/session_stats.hpp>
#include <utility>

#include "daemon/worker/disk/back_end.h"
#include "daemon/worker/peer_address.h"
#include "daemon/worker/session_settings.h"

namespace owrd::worker {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kPoll{20};
constexpr std::chrono::milliseconds kPieceBatch{100};
constexpr unsigned kTicksPerPeerRetry = 5;
constexpr unsigned kTicksPerSessionStats = 5;
constexpr unsigned kMostAnnouncesPerTick = 5;

v1::SwarmEvent make_failed(std::uint64_t id, const std::string& reason) {
  v1::SwarmEvent event;
  event.mutable_failed()->set_id(id);
  event.mutable_failed()->set_reason(reason);
  return event;
}

bool listens_alike(const v1::SwarmConfigure& a, const v1::SwarmConfigure& b) {
  return std::equal(a.listen().begin(), a.listen().end(), b.listen().begin(), b.listen().end());
}

lt::session_params make_session_params(const std::string& state) {
  if (!state.empty()) {
    try {
      return lt::read_session_params(lt::span<const char>(state), lt::session::save_dht_state);
    } catch (const std::exception& error) {
      log(std::string("the saved DHT nodes cannot be read, starting without: ") + error.what());
    }
  }
  return {};
}

std::unique_ptr<lt::disk_interface> make_disk(lt::io_context& loop, Descriptor files) {
  disk::Limits limits;
  // Most descriptors are for peers.
  const auto descriptors = static_cast<std::size_t>(std::max(::sysconf(_SC_OPEN_MAX), 256L));
  limits.open_files = std::min(limits.open_files, descriptors / 16);
  return std::make_unique<disk::BackEnd>(loop, limits, std::make_unique<disk::FileSystem>(),
                                         std::make_unique<disk::DaemonOpener>(std::move(files)));
}

}  // namespace

Worker::Worker(boost::asio::io_context& loop, int channel, int files)
    : loop_(loop),
      link_(loop, channel, [this](const v1::SwarmCommand& command) { on_command(command); }),
      files_(files),
      resolver_(loop),
      tick_(loop),
      poll_(loop),
      pieces_(loop),
      dht_items_([this](const v1::SwarmEvent& event) { link_.send(event); }),
      dht_nodes_metric_(lt::find_metric_idx("dht.dht_nodes")) {}

Worker::~Worker() {
  if (session_) session_->set_alert_notify({});
}

// --- Commands

void Worker::on_command(const v1::SwarmCommand& command) {
  try {
    dispatch(command);
  } catch (const std::exception& error) {
    log(std::string("a command failed in libtorrent: ") + error.what());
  }
}

void Worker::dispatch(const v1::SwarmCommand& command) {
  if (command.has_shutdown()) return shut_down();
  if (command.has_configure()) return configure(command.configure());
  if (!session_) return log("a command came before the first SwarmConfigure; ignored");
  if (command.has_add()) return add(command.add());
  if (command.has_remove()) return remove(command.remove().id());
  if (command.has_connect_peers())
    return connect_peers(command.connect_peers().id(), command.connect_peers().peers());
  if (command.has_tell()) return tell(command.tell());
  if (command.has_dht_get()) return dht_items_.get(*session_, command.dht_get());
  if (command.has_dht_put()) return dht_items_.put(*session_, command.dht_put());

  if (command.has_set_upload_only()) {
    const auto& wish = command.set_upload_only();
    if (auto* torrent = find(wish.id())) torrent->set_upload_only(wish.upload_only());
  } else if (command.has_checkpoint()) {
    const auto& wish = command.checkpoint();
    if (auto* torrent = find(wish.id())) torrent->checkpoint(wish.token());
  } else {
    log("an empty command; ignored");
  }
  poll_soon();
}

Torrent* Worker::find(std::uint64_t id) {
  const auto found = torrents_.find(id);
  if (found != torrents_.end()) return found->second.get();
  log("a command for torrent " + std::to_string(id) + ", which is not here; ignored");
  return nullptr;
}

void Worker::configure(const v1::SwarmConfigure& configure) {
  const auto settings = make_settings(configure);
  const bool listens_anew = !configure_ || !listens_alike(*configure_, configure);
  const std::string state = configure.session_state();
  configure_ = configure;
  configure_->clear_session_state();
  if (listens_anew) {
    listening_.clear();
    listen_errors_.clear();
  }
  if (session_) {
    session_->apply_settings(settings);
  } else {
    auto params = make_session_params(state);
    params.settings = settings;
    params.disk_io_constructor = [this](lt::io_context& loop, const lt::settings_interface&,
                                        lt::counters&) {
      return make_disk(loop, std::move(files_));
    };
    session_ = std::make_unique<lt::session>(std::move(params));
    session_->set_alert_notify([this] { boost::asio::post(loop_, [this] { drain_alerts(); }); });
    tick();
  }
  dht_items_.set_dht(configure.dht());
  keeps_useless_peers_ = false;
  keep_useless_peers_while_fetching();
  session_->set_ip_filter(make_ban_filter(configure));
  if (is_loopback_only(configure)) session_->set_peer_class_filter(make_one_class_for_all());
  // A call that returns something comes back after all that was posted before it: the listen
  // sockets are open now, or have failed, and the alerts that say so are in the queue.
  static_cast<void>(session_->is_paused());
  drain_alerts();
  if (listens_anew) report_ready();
}

void Worker::report_ready() {
  v1::SwarmEvent event;
  auto& ready = *event.mutable_ready();
  for (const auto& endpoint : listening_) ready.add_listening(endpoint);
  for (const auto& error : listen_errors_) ready.add_listen_errors(error);
  ready.set_libtorrent_version(lt::version());
  link_.send(event);
}

void Worker::add(const v1::SwarmAdd& command) {
  if (torrents_.count(command.id()) > 0 || find_waiting(command.id()))
    return log("torrent " + std::to_string(command.id()) + " is added twice; ignored");
  if (waits_for_another(command)) return waiting_.push_back({command, {}});
  auto& torrent = torrents_[command.id()];
  torrent = std::make_unique<Torrent>(
      command, configure_->pex(), [this](const v1::SwarmEvent& event) { link_.send(event); },
      [this, id = command.id()](std::string peer, std::string object) {
        post_heard(id, std::move(peer), std::move(object));
      });
  connect_peers(command.id(), command.peers());
  if (const auto started = torrent->start(*session_); !started) {
    torrents_.erase(command.id());
    unresolved_.erase(command.id());
    return link_.send(make_failed(command.id(), started.error().message));
  }
  ids_[torrent->handle()] = command.id();
  v1::SwarmEvent event;
  event.mutable_added()->set_id(command.id());
  link_.send(event);
  keep_useless_peers_while_fetching();
}

/// libtorrent has one torrent of an infohash at a time.
bool Worker::waits_for_another(const v1::SwarmAdd& command) const {
  return std::any_of(torrents_.begin(), torrents_.end(), [&](const auto& entry) {
    return entry.second->is_leaving_for_good() &&
           entry.second->add().infohash() == command.infohash();
  });
}

Worker::Waiting* Worker::find_waiting(std::uint64_t id) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [id](const Waiting& waiting) { return waiting.add.id() == id; });
  return found == waiting_.end() ? nullptr : &*found;
}

void Worker::add_waiting() {
  for (const auto& waiting : std::exchange(waiting_, {})) {
    add(waiting.add);
    if (waiting.tell) tell(*waiting.tell);
  }
}

void Worker::remove(std::uint64_t id) {
  std::erase_if(waiting_, [id](const Waiting& waiting) { return waiting.add.id() == id; });
  if (auto* torrent = find(id)) {
    torrent->remove();
    return poll_soon();
  }
  v1::SwarmEvent event;
  event.mutable_removed()->set_id(id);
  link_.send(event);
}

void Worker::connect_peers(std::uint64_t id,
                           const google::protobuf::RepeatedPtrField<std::string>& peers) {
  if (auto* waiting = find_waiting(id)) return waiting->add.mutable_peers()->MergeFrom(peers);
  for (const auto& peer : peers) connect_peer(id, peer);
}

void Worker::connect_peer(std::uint64_t id, const std::string& peer) {
  auto* torrent = find(id);
  const auto parsed = parse_host_and_port(peer);
  if (!torrent) return;
  if (!parsed) return log(parsed.error().message);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(parsed->host, error);
  if (!error) return torrent->add_endpoint({address, parsed->port});

  unresolved_[id].insert(peer);
  resolver_.async_resolve(
      parsed->host, std::to_string(parsed->port),
      [this, id, peer](const boost::system::error_code& failed,
                       const boost::asio::ip::tcp::resolver::results_type& results) {
        if (failed) return log("resolving \"" + peer + "\": " + failed.message());
        const auto found = torrents_.find(id);
        if (found == torrents_.end()) return;
        unresolved_[id].erase(peer);
        for (const auto& result : results) found->second->add_endpoint(result.endpoint());
      });
}

void Worker::tell(const v1::SwarmTell& command) {
  if (auto* waiting = find_waiting(command.id())) {
    waiting->tell = command;
  } else if (auto* torrent = find(command.id())) {
    torrent->tell(command);
  }
}

void Worker::post_heard(std::uint64_t id, std::string peer, std::string object) {
  boost::asio::post(loop_, [this, id, peer = std::move(peer), object = std::move(object)] {
    report_heard(id, peer, object);
  });
}

void Worker::report_heard(std::uint64_t id, const std::string& peer, const std::string& object) {
  if (torrents_.count(id) == 0) return;
  v1::SwarmEvent event;
  event.mutable_heard()->set_id(id);
  event.mutable_heard()->set_peer(peer);
  event.mutable_heard()->set_object(object);
  link_.send(event);
}

void Worker::shut_down() {
  if (session_) {
    session_->set_alert_notify({});
    const auto state = lt::write_session_params_buf(
        session_->session_state(lt::session::save_dht_state), lt::session::save_dht_state);
    for (auto& [id, torrent] : torrents_) torrent->report_pieces();
    v1::SwarmEvent event;
    event.mutable_session_state()->set_state(state.data(), state.size());
    link_.send(event);
    link_.flush();
    torrents_.clear();
    // The proxy's end is where libtorrent's threads are joined, after the last write.
    const auto proxy = session_->abort();
    session_.reset();
  }
  loop_.stop();
}

// --- Alerts

void Worker::drain_alerts() {
  if (!session_) return;
  std::vector<lt::alert*> alerts;
  session_->pop_alerts(&alerts);
  for (const auto* alert : alerts) {
    try {
      on_alert(*alert);
    } catch (const std::exception& error) {
      log(std::string("an alert failed in libtorrent: ") + error.what());
    }
  }
  report_peers();
}

void Worker::on_alert(const lt::alert& alert) {
  if (on_session_alert(alert)) return;
  const auto* torrent_alert = dynamic_cast<const lt::torrent_alert*>(&alert);
  if (!torrent_alert) return;
  const auto id = ids_.find(torrent_alert->handle);
  if (id == ids_.end()) return;
  const auto found = torrents_.find(id->second);
  if (found != torrents_.end()) on_torrent_alert(*found->second, alert);
}

/// False when it is a torrent's, or a torrent's too.
bool Worker::on_session_alert(const lt::alert& alert) {
  if (lt::alert_cast<lt::listen_succeeded_alert>(&alert) ||
      lt::alert_cast<lt::listen_failed_alert>(&alert)) {
    note_listening(alert);
  } else if (const auto* statuses = lt::alert_cast<lt::state_update_alert>(&alert)) {
    on_statuses(*statuses);
  } else if (const auto* stats = lt::alert_cast<lt::session_stats_alert>(&alert)) {
    note_dht_nodes(static_cast<std::uint32_t>(stats->counters()[dht_nodes_metric_]));
  } else if (lt::alert_cast<lt::dht_bootstrap_alert>(&alert)) {
    dht_items_.on_bootstrap(*session_);
  } else if (const auto* item = lt::alert_cast<lt::dht_mutable_item_alert>(&alert)) {
    dht_items_.on_item(*item);
  } else if (const auto* put = lt::alert_cast<lt::dht_put_alert>(&alert)) {
    dht_items_.on_put(*put);
  } else if (lt::alert_cast<lt::alerts_dropped_alert>(&alert)) {
    log("libtorrent dropped alerts; asking for all pieces again");
    for (auto& [id, torrent] : torrents_) torrent->resync();
    report_pieces_soon();
  } else if (const auto* connected = lt::alert_cast<lt::peer_connect_alert>(&alert)) {
    connected_.insert(connected->endpoint);
  } else if (const auto* gone = lt::alert_cast<lt::peer_disconnected_alert>(&alert)) {
    connected_.erase(gone->endpoint);
    return false;
  } else if (const auto* removed = lt::alert_cast<lt::torrent_removed_alert>(&alert)) {
    on_removed(removed->handle);
  } else {
    return false;
  }
  return true;
}

void Worker::on_torrent_alert(Torrent& torrent, const lt::alert& alert) {
  if (const auto* piece = lt::alert_cast<lt::piece_finished_alert>(&alert)) {
    torrent.on_piece(piece->piece_index);
    report_pieces_soon();
  } else if (lt::alert_cast<lt::metadata_received_alert>(&alert)) {
    torrent.on_metadata();
    poll_soon();
  } else if (const auto* file_error = lt::alert_cast<lt::file_error_alert>(&alert)) {
    torrent.on_file_error(*file_error);
  } else if (const auto* error = lt::alert_cast<lt::torrent_error_alert>(&alert)) {
    torrent.on_error(*error);
    poll_soon();
  } else if (const auto* ban = lt::alert_cast<lt::peer_ban_alert>(&alert)) {
    torrent.on_ban(ban->endpoint);
  } else if (const auto* gone = lt::alert_cast<lt::peer_disconnected_alert>(&alert)) {
    // libtorrent 2.0.8 does not tell of every ban otherwise.
    if (gone->error == lt::errors::too_many_corrupt_pieces) torrent.on_ban(gone->endpoint);
  }
}

void Worker::on_removed(const lt::torrent_handle& handle) {
  const auto found = ids_.find(handle);
  if (found == ids_.end()) return;
  const std::uint64_t id = found->second;
  ids_.erase(found);
  const auto torrent = torrents_.find(id);
  if (torrent == torrents_.end()) return;
  if (torrent->second->on_removed(*session_)) {
    ids_[torrent->second->handle()] = id;
    return;
  }
  torrents_.erase(torrent);
  unresolved_.erase(id);
  add_waiting();
}

void Worker::note_listening(const lt::alert& alert) {
  if (const auto* good = lt::alert_cast<lt::listen_succeeded_alert>(&alert)) {
    if (good->socket_type != lt::socket_type_t::tcp) return;
    listening_.push_back(
        to_string(lt::tcp::endpoint(good->address, static_cast<std::uint16_t>(good->port))));
  } else if (const auto* bad = lt::alert_cast<lt::listen_failed_alert>(&alert)) {
    // The interface is a device's name, or the text that could not be parsed.
    const lt::address address = bad->address;
    listen_errors_.push_back(
        "cannot listen on " +
        (address.is_unspecified() ? bad->listen_interface() : to_string(address)) + " port " +
        std::to_string(bad->port) + ": " + bad->error.message());
  }
}

/// Told of no torrent, for there may be none.
void Worker::note_dht_nodes(std::uint32_t nodes) {
  if (std::exchange(dht_nodes_, nodes) == nodes) return;
  v1::SwarmEvent event;
  event.mutable_stats()->set_dht_nodes(nodes);
  link_.send(event);
}

void Worker::on_statuses(const lt::state_update_alert& alert) {
  for (const auto& status : alert.status) {
    const auto id = ids_.find(status.handle);
    if (id != ids_.end()) torrents_.at(id->second)->on_status(status);
  }
  std::set<lt::tcp::endpoint> connected;
  for (auto& [id, torrent] : torrents_)
    for (const auto& peer : torrent->report_stats(dht_nodes_)) connected.insert(peer.ip);
  connected_ = std::move(connected);
}

// --- Time

void Worker::tick() {
  drain_alerts();
  try {
    look_after_torrents();
  } catch (const std::exception& error) {
    log(std::string("looking after the torrents failed in libtorrent: ") + error.what());
  }
  tick_.expires_after(kTick);
  tick_.async_wait([this](const boost::system::error_code& error) {
    if (!error && session_) tick();
  });
}

void Worker::look_after_torrents() {
  ++ticks_;
  keep_useless_peers_while_fetching();
  session_->post_torrent_updates({});
  for (auto& [id, torrent] : torrents_) {
    torrent->forgive_peers();
    torrent->meet_peers_again();
  }
  announce_what_is_due();
  poll_soon();
  dht_items_.tick(*session_);
  if (ticks_ % kTicksPerSessionStats == 0) session_->post_session_stats();
  if (ticks_ % kTicksPerPeerRetry == 0) {
    for (auto& [id, torrent] : torrents_)
      if (torrent->wants_peers()) torrent->retry_peers();
    for (const auto& [id, peers] : std::map(unresolved_))
      for (const auto& peer : peers) connect_peer(id, peer);
  }
}

/// A few at a time: a seed of thousands comes back with all of them at once.
void Worker::announce_what_is_due() {
  if (!configure_->dht()) return;
  unsigned announced = 0;
  for (auto& [id, torrent] : torrents_)
    if (announced < kMostAnnouncesPerTick && torrent->announce_when_due(dht_nodes_)) ++announced;
}

/// libtorrent closes a connection over which neither side has anything to fetch. That keeps a
/// seed's slots free; but whoever waits for a piece is to be told of the peers who all lack it.
void Worker::keep_useless_peers_while_fetching() {
  const bool is_fetching = std::any_of(torrents_.begin(), torrents_.end(), [](const auto& entry) {
    return entry.second->wants_peers();
  });
  if (std::exchange(keeps_useless_peers_, is_fetching) == is_fetching) return;
  lt::settings_pack pack;
  pack.set_bool(lt::settings_pack::close_redundant_connections, !is_fetching);
  session_->apply_settings(std::move(pack));
}

/// Looks after what waits for libtorrent's writes, now and until nothing does.
void Worker::poll_soon() {
  bool waits = false;
  for (auto& [id, torrent] : torrents_) waits = torrent->poll(*session_) || waits;
  if (!waits || std::exchange(is_polling_, true)) return;
  poll_.expires_after(kPoll);
  poll_.async_wait([this](const boost::system::error_code& error) {
    is_polling_ = false;
    if (error || !session_) return;
    try {
      poll_soon();
    } catch (const std::exception& failed) {
      log(std::string("looking after a torrent failed in libtorrent: ") + failed.what());
    }
  });
}

void Worker::report_pieces_soon() {
  if (std::exchange(is_collecting_pieces_, true)) return;
  pieces_.expires_after(kPieceBatch);
  pieces_.async_wait([this](const boost::system::error_code& error) {
    is_collecting_pieces_ = false;
    if (error) return;
    for (auto& [id, torrent] : torrents_) torrent->report_pieces();
  });
}

void Worker::report_peers() {
  std::set<std::string> addresses;
  for (const auto& endpoint : connected_) addresses.insert(to_string(endpoint.address()));
  if (addresses == told_peers_) return;
  v1::SwarmEvent event;
  for (const auto& address : addresses) event.mutable_peers()->add_addresses(address);
  event.mutable_peers();
  link_.send(event);
  told_peers_ = std::move(addresses);
}

}  // namespace owrd::worker
