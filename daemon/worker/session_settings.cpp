#include "daemon/worker/session_settings.h"

#include <sys/resource.h>

#include <algorithm>
#include <climits>
#include <libtorrent/alert.hpp>
#include <libtorrent/fingerprint.hpp>
#include <libtorrent/session.hpp>
#include <string>

#include "daemon/worker/link.h"
#include "daemon/worker/peer_address.h"

namespace owrd::worker {
namespace {

using Pack = lt::settings_pack;

constexpr int kMiB = 1024 * 1024;

int to_limit(std::uint64_t value) {
  return static_cast<int>(std::min<std::uint64_t>(value, INT_MAX));
}

std::string join(const google::protobuf::RepeatedPtrField<std::string>& parts) {
  std::string joined;
  for (const auto& part : parts) joined += (joined.empty() ? "" : ",") + part;
  return joined;
}

bool is_loopback(const std::string& listen) {
  const auto parsed = parse_host_and_port(listen);
  if (!parsed) return false;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(parsed->host, error);
  return !error && address.is_loopback();
}

void set_identity(Pack& pack) {
  pack.set_str(Pack::user_agent, "owrd/" OWRD_VERSION);
  pack.set_str(Pack::handshake_client_version, "owrd/" OWRD_VERSION);
  pack.set_str(Pack::peer_fingerprint, lt::generate_fingerprint("OW", 0, 1, 0, 0));
}

/// What holds for both profiles.
void set_transfer(Pack& pack) {
  // 2.0.8 multiplies these with the rate in 32 bits: more than 1 overflows on fast links.
  pack.set_int(Pack::request_queue_time, 1);
  pack.set_int(Pack::whole_pieces_threshold, 1);
  pack.set_int(Pack::mixed_mode_algorithm, Pack::prefer_tcp);
  // Outgoing connections by TCP alone: with uTP allowed libtorrent tries it first, and it is 20 to
  // 50 times slower here.
  pack.set_bool(Pack::enable_outgoing_utp, false);
  pack.set_bool(Pack::close_redundant_connections, true);
  pack.set_bool(Pack::auto_sequential, false);
  pack.set_int(Pack::suggest_mode, Pack::no_piece_suggestions);
  // Peers that the user names are tried again every few seconds, for a seed may start late; others
  // get eight attempts, 5, 10, 15 ... 40 s apart.
  pack.set_int(Pack::min_reconnect_time, 5);
  pack.set_int(Pack::max_failcount, 8);
  // 0 leaves it to the kernel, which adapts.
  pack.set_int(Pack::recv_socket_buffer_size, 0);
  pack.set_int(Pack::send_socket_buffer_size, 0);
  pack.set_bool(Pack::ssrf_mitigation, true);
  pack.set_bool(Pack::validate_https_trackers, true);
  pack.set_int(Pack::stop_tracker_timeout, 1);
  pack.set_int(Pack::active_limit, -1);
}

void set_home(Pack& pack) {
  pack.set_bool(Pack::enable_incoming_utp, true);
  pack.set_int(Pack::max_out_request_queue, 500);
  pack.set_int(Pack::max_allowed_in_request_queue, 2000);
  pack.set_int(Pack::send_buffer_watermark, kMiB);
  pack.set_int(Pack::send_buffer_low_watermark, 64 * 1024);
  pack.set_int(Pack::send_buffer_watermark_factor, 100);
  pack.set_int(Pack::unchoke_slots_limit, 16);
  pack.set_bool(Pack::allow_multiple_connections_per_ip, false);
}

void set_server(Pack& pack) {
  pack.set_bool(Pack::enable_incoming_utp, false);
  pack.set_int(Pack::max_out_request_queue, 1000);
  pack.set_int(Pack::max_allowed_in_request_queue, 4000);
  pack.set_int(Pack::send_buffer_watermark, 8 * kMiB);
  pack.set_int(Pack::send_buffer_low_watermark, kMiB);
  pack.set_int(Pack::send_buffer_watermark_factor, 150);
  pack.set_int(Pack::send_not_sent_low_watermark, 512 * 1024);
  pack.set_int(Pack::unchoke_slots_limit, -1);
  pack.set_int(Pack::listen_queue_size, 1000);
  pack.set_int(Pack::connection_speed, 100);
  // Whole sites sit behind one address.
  pack.set_bool(Pack::allow_multiple_connections_per_ip, true);
}

void set_discovery(Pack& pack, const v1::SwarmConfigure& configure) {
  pack.set_bool(Pack::enable_dht, configure.dht());
  pack.set_bool(Pack::enable_lsd, configure.lsd());
  pack.set_bool(Pack::enable_upnp, configure.upnp());
  pack.set_bool(Pack::enable_natpmp, configure.upnp());
  const bool is_local = is_loopback_only(configure);
  // An instance that listens on loopback has no business with the public bootstrap nodes.
  if (configure.dht_bootstrap_size() > 0 || is_local)
    pack.set_str(Pack::dht_bootstrap_nodes, join(configure.dht_bootstrap()));
  // Against Sybil nodes near a target; among nodes of one address they would leave only one.
  pack.set_bool(Pack::dht_enforce_node_id, !is_local);
  pack.set_bool(Pack::dht_restrict_routing_ips, !is_local);
  pack.set_bool(Pack::dht_restrict_search_ips, !is_local);
  pack.set_bool(Pack::dht_ignore_dark_internet, !is_local);
  pack.set_bool(Pack::dht_prefer_verified_node_ids, true);
  // A head is put at several places, each with some eight nodes and about a kilobyte; what is over
  // the limit is dropped, and libtorrent's is 8,000.
  pack.set_int(Pack::dht_upload_rate_limit, 100'000);
  if (is_local) {
    pack.set_int(Pack::dht_block_ratelimit, 1000);
    pack.set_bool(Pack::allow_multiple_connections_per_ip, true);
  }
}

void set_encryption(Pack& pack, const std::string& encryption) {
  const int policy = encryption == "forced"     ? Pack::pe_forced
                     : encryption == "disabled" ? Pack::pe_disabled
                                                : Pack::pe_enabled;
  pack.set_int(Pack::in_enc_policy, policy);
  pack.set_int(Pack::out_enc_policy, policy);
  pack.set_int(Pack::allowed_enc_level, Pack::pe_both);
  pack.set_bool(Pack::prefer_rc4, false);
}

}  // namespace

lt::settings_pack make_settings(const v1::SwarmConfigure& configure) {
  Pack pack;
  set_identity(pack);
  set_transfer(pack);
  const bool is_server = configure.profile() == v1::SwarmConfigure::PROFILE_SERVER;
  if (is_server) {
    set_server(pack);
  } else {
    set_home(pack);
  }
  set_discovery(pack, configure);
  set_encryption(pack, configure.encryption());
  pack.set_str(Pack::listen_interfaces, join(configure.listen()));
  pack.set_int(Pack::download_rate_limit, to_limit(configure.download_limit()));
  pack.set_int(Pack::upload_rate_limit, to_limit(configure.upload_limit()));
  const int connections = to_limit(configure.connections_limit());
  pack.set_int(Pack::connections_limit, connections > 0 ? connections : is_server ? 2000 : 200);
  pack.set_int(Pack::alert_queue_size, 20000);
  pack.set_int(Pack::alert_mask,
               static_cast<int>(static_cast<std::uint32_t>(
                   lt::alert_category::error | lt::alert_category::status |
                   lt::alert_category::storage | lt::alert_category::connect |
                   lt::alert_category::piece_progress | lt::alert_category::dht)));
  return pack;
}

lt::ip_filter make_ban_filter(const v1::SwarmConfigure& configure) {
  lt::ip_filter filter;
  for (const auto& text : configure.banned()) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (error) {
      log("cannot ban \"" + text + "\": it is no address");
      continue;
    }
    filter.add_rule(address, address, lt::ip_filter::blocked);
  }
  return filter;
}

bool is_loopback_only(const v1::SwarmConfigure& configure) {
  return configure.listen_size() > 0 &&
         std::all_of(configure.listen().begin(), configure.listen().end(), is_loopback);
}

lt::ip_filter make_one_class_for_all() {
  constexpr std::uint32_t kGlobal =
      std::uint32_t{1} << static_cast<std::uint32_t>(lt::session::global_peer_class_id);
  lt::ip_filter filter;
  filter.add_rule(lt::make_address("0.0.0.0"), lt::make_address("255.255.255.255"), kGlobal);
  filter.add_rule(lt::make_address("::"),
                  lt::make_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), kGlobal);
  return filter;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace owrd::worker
