// Debian's stock libtorrent as a plain client in C++, tuned: what its own disk back end and
// defaults of a good client reach. The bench builds and runs it; no part of owrd links it.
//
//   libtorrent_client create v1|v2 PIECE_BYTES THREADS DIRECTORY TORRENT     prints the infohash
//   libtorrent_client check THREADS PARENT TORRENT
//   libtorrent_client seed ADDRESS:PORT PARENT TORRENT                       prints "ready", until
//   killed libtorrent_client fetch ADDRESS:PORT PARENT TORRENT PEER PORT
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/create_torrent.hpp>
#include <libtorrent/hex.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/torrent_info.hpp>
#include <memory>
#include <string>
#include <vector>

namespace {

using Pack = lt::settings_pack;
using Arguments = std::vector<std::string>;

Pack tuned_settings(const std::string& listen) {
  Pack pack = lt::high_performance_seed();
  pack.set_str(Pack::listen_interfaces, listen);
  for (const int off : {Pack::enable_dht, Pack::enable_lsd, Pack::enable_upnp, Pack::enable_natpmp,
                        Pack::enable_outgoing_utp, Pack::enable_incoming_utp})
    pack.set_bool(off, false);
  pack.set_bool(Pack::allow_multiple_connections_per_ip, true);
  pack.set_int(Pack::in_enc_policy, Pack::pe_disabled);
  pack.set_int(Pack::out_enc_policy, Pack::pe_disabled);
  pack.set_int(Pack::mixed_mode_algorithm, Pack::prefer_tcp);
  pack.set_int(Pack::suggest_mode, Pack::no_piece_suggestions);
  pack.set_int(Pack::max_out_request_queue, 3000);
  pack.set_int(Pack::max_allowed_in_request_queue, 4000);
  // More than 1 overflows 32 bits on fast links in 2.0.8.
  pack.set_int(Pack::request_queue_time, 1);
  pack.set_int(Pack::whole_pieces_threshold, 1);
  pack.set_int(Pack::send_buffer_watermark, 8 << 20);
  pack.set_int(Pack::send_buffer_low_watermark, 1 << 20);
  pack.set_int(Pack::send_buffer_watermark_factor, 150);
  pack.set_int(Pack::send_not_sent_low_watermark, 512 << 10);
  pack.set_int(Pack::recv_socket_buffer_size, 0);
  pack.set_int(Pack::send_socket_buffer_size, 0);
  pack.set_int(Pack::max_queued_disk_bytes, 32 << 20);
  pack.set_int(Pack::aio_threads, 2);
  pack.set_int(Pack::hashing_threads, 2);
  pack.set_int(Pack::file_pool_size, 500);
  pack.set_int(Pack::disk_write_mode, Pack::always_pwrite);
  pack.set_int(Pack::unchoke_slots_limit, -1);
  pack.set_int(Pack::alert_mask, static_cast<int>(static_cast<std::uint32_t>(
                                     lt::alert_category::error | lt::alert_category::status |
                                     lt::alert_category::storage)));
  return pack;
}

int fail(const std::string& what) {
  std::cerr << "error: " << what << '\n';
  return 1;
}

int create(const Arguments& arguments) {
  const bool is_v1 = arguments.at(0) == "v1";
  const std::string& directory = arguments.at(3);
  lt::file_storage files;
  lt::add_files(files, directory);
  lt::create_torrent torrent(files, std::stoi(arguments.at(1)),
                             is_v1 ? lt::create_torrent::v1_only : lt::create_torrent::v2_only);
  Pack pack;
  pack.set_int(Pack::hashing_threads, std::stoi(arguments.at(2)));
  lt::error_code error;
  const auto parent = directory.substr(0, directory.find_last_of('/'));
  lt::set_piece_hashes(
      torrent, parent, pack, [](lt::piece_index_t) {}, error);
  if (error) return fail(error.message());
  std::vector<char> encoded;
  lt::bencode(std::back_inserter(encoded), torrent.generate());
  std::ofstream(arguments.at(4), std::ios::binary)
      .write(encoded.data(), static_cast<std::streamsize>(encoded.size()));
  const lt::torrent_info info(encoded, lt::from_span);
  std::cout << lt::aux::to_hex(info.info_hashes().get_best()) << std::endl;
  return 0;
}

/// A torrent of this file, started by hand and by nothing else.
lt::add_torrent_params load(const std::string& parent, const std::string& torrent) {
  lt::add_torrent_params parameters;
  parameters.ti = std::make_shared<lt::torrent_info>(torrent);
  parameters.save_path = parent;
  parameters.flags = {};
  return parameters;
}

/// Handles alerts until `is_last` says so; false after a torrent's error.
bool run(lt::session& session, const std::function<bool(const lt::alert&)>& is_last) {
  while (true) {
    session.wait_for_alert(std::chrono::milliseconds(200));
    std::vector<lt::alert*> alerts;
    session.pop_alerts(&alerts);
    for (const lt::alert* alert : alerts) {
      if (lt::alert_cast<lt::torrent_error_alert>(alert) ||
          lt::alert_cast<lt::file_error_alert>(alert) ||
          lt::alert_cast<lt::listen_failed_alert>(alert)) {
        std::cerr << alert->message() << '\n';
        return false;
      }
      if (is_last(*alert)) return true;
    }
  }
}

int check(const Arguments& arguments) {
  Pack pack = tuned_settings("127.0.0.1:0");
  pack.set_int(Pack::hashing_threads, std::stoi(arguments.at(0)));
  lt::session session{lt::session_params(pack)};
  auto parameters = load(arguments.at(1), arguments.at(2));
  parameters.flags = lt::torrent_flags::stop_when_ready;
  const auto torrent = session.add_torrent(std::move(parameters));
  if (!run(session, [](const lt::alert& alert) {
        return lt::alert_cast<lt::torrent_checked_alert>(&alert) != nullptr;
      }))
    return 1;
  return torrent.status().is_seeding ? 0 : fail("the check found other bytes");
}

int seed(const Arguments& arguments) {
  lt::session session{lt::session_params(tuned_settings(arguments.at(0)))};
  auto parameters = load(arguments.at(1), arguments.at(2));
  parameters.have_pieces.resize(parameters.ti->num_pieces(), true);
  parameters.flags = lt::torrent_flags::no_verify_files;
  session.add_torrent(std::move(parameters));
  if (!run(session, [](const lt::alert& alert) {
        return lt::alert_cast<lt::torrent_finished_alert>(&alert) != nullptr;
      }))
    return 1;
  std::cout << "ready" << std::endl;
  run(session, [](const lt::alert&) { return false; });
  return 1;
}

int fetch(const Arguments& arguments) {
  lt::session session{lt::session_params(tuned_settings(arguments.at(0)))};
  auto parameters = load(arguments.at(1), arguments.at(2));
  parameters.peers.emplace_back(lt::make_address(arguments.at(3)),
                                static_cast<std::uint16_t>(std::stoi(arguments.at(4))));
  session.add_torrent(std::move(parameters));
  const bool is_done = run(session, [](const lt::alert& alert) {
    return lt::alert_cast<lt::torrent_finished_alert>(&alert) != nullptr;
  });
  return is_done ? 0 : 1;  // Ending the session writes what is not written yet.
}

}  // namespace

int main(int count, char** values) {
  const Arguments arguments(values + 1, values + count);
  if (arguments.empty()) return fail("create, check, seed or fetch?");
  const Arguments rest(arguments.begin() + 1, arguments.end());
  try {
    if (arguments[0] == "create") return create(rest);
    if (arguments[0] == "check") return check(rest);
    if (arguments[0] == "seed") return seed(rest);
    if (arguments[0] == "fetch") return fetch(rest);
    return fail("what is \"" + arguments[0] + "\"?");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
