#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace owrd {

/// Why something could not be done. error_facts() maps each to a name, an exit code and an RPC
/// status.
enum class ErrorCode {
  InvalidInput,
  NotFound,
  AlreadyExists,
  Untrusted,     ///< Nobody we believe says so: unknown publisher, key not trusted.
  BadSignature,  ///< A signature, a pinned digest or a version rule is violated.
  Corrupt,       ///< Bytes differ from what was signed or stored.
  NotAccepted,   ///< Terms that want to be accepted were not.
  Unsafe,        ///< The audit refuses it, and nobody lets it through.
  NoSources,     ///< Nobody to fetch from within the time given.
  NoSpace,
  Io,
  Denied,  ///< The operating system's or the socket's permissions.
  Config,
  Busy,         ///< Somebody else holds it; try again later.
  Unavailable,  ///< The daemon cannot be reached or is stopping.
  Cancelled,
  Internal,
};

/// One sentence: what was being done to which thing, then the cause. The hint says what to do, best
/// as an exact command, and may be empty.
struct Error {
  ErrorCode code;
  std::string message;
  std::string hint = {};
};

struct Done {};

/// Either a value or an Error; reading the one that is not there is a bug and stops the program.
template <class T = Done>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    assert(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }

 private:
  T& value() {
    assert(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    assert(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }

  std::variant<T, Error> state_;
};

/// How an ErrorCode looks from outside.
struct ErrorFacts {
  const char* name;          ///< The exit code's name, such as "untrusted".
  int exit_code;             ///< Of the CLI.
  const char* connect_code;  ///< Of the Connect protocol, such as "not_found".
};
const ErrorFacts& error_facts(ErrorCode code);

}  // namespace owrd
