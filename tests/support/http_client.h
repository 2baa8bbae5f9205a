#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace owrd::test {

/// What came back over HTTP; header names in lower case.
struct HttpReply {
  int status = 0;
  std::string reason;
  std::map<std::string, std::string> headers;
  std::string body;       ///< Chunks taken apart.
  bool is_whole = false;  ///< The body ended as its framing says.

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// One message of a Connect stream.
struct StreamEnvelope {
  int flags;
  std::string bytes;
};
/// Nothing when the body is not a sequence of whole envelopes.
std::optional<std::vector<StreamEnvelope>> split_envelopes(std::string_view body);
std::string make_envelope(int flags, std::string_view bytes);

/// A tiny blocking HTTP client on a Unix socket that sends what it is told, well-formed or not.
class RawConnection {
 public:
  explicit RawConnection(const std::filesystem::path& socket);
  explicit RawConnection(int descriptor) : descriptor_(descriptor) {}
  RawConnection(RawConnection&& other) noexcept;
  RawConnection(const RawConnection&) = delete;
  ~RawConnection();

  bool is_open() const { return descriptor_ >= 0; }
  /// False when the other side has closed.
  bool send(std::string_view bytes);
  /// Says that nothing more will be sent.
  void finish_sending();
  void close();

  /// Reads one reply; one with status 0 when the connection ends (or five seconds pass) before its
  /// header.
  HttpReply read_reply();
  /// Reads the header of a reply, and leaves its body.
  HttpReply read_header();
  /// Reads one chunk of a body; nothing at its end.
  std::optional<std::string> read_chunk();
  /// All that comes until the other side closes; nothing when it does not within five seconds.
  std::optional<std::string> read_to_end();

 private:
  bool fill();
  std::optional<std::string> take_until(std::string_view mark);
  std::optional<std::string> take(std::size_t bytes);

  int descriptor_ = -1;
  std::string buffer_;
  bool timed_out_ = false;
};

/// A POST with the headers of a Connect call; `more` holds whole header lines.
std::string post(std::string_view path, std::string_view content_type, std::string_view body,
                 std::string_view more = "");

}  // namespace owrd::test
