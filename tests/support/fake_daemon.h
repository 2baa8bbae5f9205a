#pragma once

#include <google/protobuf/message.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::test {

/// Answers Connect calls on a Unix socket as it was told to, on threads of its own.
class FakeDaemon {
 public:
  /// How a stream ends after its messages.
  enum class Ending { Finish, BreakOff, Hang };
  struct Call {
    std::string method;  ///< "Releases/Get"
    std::string message;
  };

  explicit FakeDaemon(const std::filesystem::path& socket);
  ~FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  void reply(const std::string& method, const google::protobuf::Message& message);
  void fail(const std::string& method, const Error& error);
  /// A unary answer, byte for byte.
  void reply_raw(const std::string& method, const std::string& http);
  /// Of messages; with Hang it stays open until the client leaves.
  void stream(const std::string& method, const std::vector<std::string>& messages,
              Ending ending = Ending::Finish);
  void fail_stream(const std::string& method, const std::vector<std::string>& messages,
                   const Error& error);

  std::vector<Call> calls() const;
  /// The last message that came to the method, as `Request`.
  template <class Request>
  Request last(const std::string& method) const {
    Request request;
    for (const auto& call : calls())
      if (call.method == method) request.ParseFromString(call.message);
    return request;
  }
  /// Called on one of the fake's threads as soon as a hanging stream has been sent.
  std::function<void()> on_hang = [] {};

 private:
  struct Answer {
    std::string http;
    bool hangs = false;
    bool closes = false;
  };
  void serve();
  void serve_connection(int connection);
  Answer answer_to(const std::string& method, const std::string& message);

  int listener_ = -1;
  int stop_read_ = -1;
  int stop_write_ = -1;
  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<Call> calls_;
  std::vector<std::thread> connections_;  ///< The listening thread's alone.
  std::thread thread_;
};

/// Standard base64 without padding, as Connect's details carry it.
std::string encode_base64(std::string_view bytes);
std::string error_json(const Error& error);

}  // namespace owrd::test
