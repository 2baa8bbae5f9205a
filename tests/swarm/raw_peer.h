#pragma once

#include <string>
#include <vector>

namespace owrd::swarm {

/// A peer made of bytes: it greets, and sends what the test says.
class RawPeer {
 public:
  /// Connects from the address `from`; a greeting follows when there is an infohash.
  RawPeer(const std::string& endpoint, const std::string& infohash,
          const std::string& from = "127.0.0.3");
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool is_connected() const { return is_connected_; }
  /// False when the other side has hung up.
  bool send(const std::string& bytes);
  /// A message of BEP 3: its length before it.
  bool send_message(const std::string& body);
  /// A message of BEP 10; number 0 is the handshake.
  bool send_extended(int number, const std::string& body);

  /// Takes what has come. False when the other side has hung up.
  bool receive();
  /// Bodies of the messages of BEP 10 with this number.
  std::vector<std::string> extended(int number) const;
  /// Until the other side hangs up, or ten seconds have passed.
  void wait_for_end();

 private:
  int fd_;
  bool is_connected_ = false;
  std::string received_;
};

}  // namespace owrd::swarm
