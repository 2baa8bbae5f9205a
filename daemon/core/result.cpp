#include "daemon/core/result.h"

namespace owrd {

const ErrorFacts& error_facts(ErrorCode code) {
  static constexpr ErrorFacts kInvalidInput{"usage", 64, "invalid_argument"};
  static constexpr ErrorFacts kNotFound{"not-found", 13, "not_found"};
  static constexpr ErrorFacts kAlreadyExists{"failure", 1, "already_exists"};
  static constexpr ErrorFacts kUntrusted{"untrusted", 10, "permission_denied"};
  static constexpr ErrorFacts kBadSignature{"bad-signature", 11, "data_loss"};
  static constexpr ErrorFacts kCorrupt{"bad-content", 12, "data_loss"};
  static constexpr ErrorFacts kNotAccepted{"not-accepted", 16, "failed_precondition"};
  static constexpr ErrorFacts kUnsafe{"unsafe", 17, "failed_precondition"};
  static constexpr ErrorFacts kNoSources{"no-sources", 14, "unavailable"};
  static constexpr ErrorFacts kNoSpace{"no-space", 15, "resource_exhausted"};
  static constexpr ErrorFacts kIo{"io", 74, "internal"};
  static constexpr ErrorFacts kDenied{"noperm", 77, "permission_denied"};
  static constexpr ErrorFacts kConfig{"config", 78, "failed_precondition"};
  static constexpr ErrorFacts kBusy{"tempfail", 75, "aborted"};
  static constexpr ErrorFacts kUnavailable{"unavailable", 69, "unavailable"};
  static constexpr ErrorFacts kCancelled{"signal", 130, "canceled"};
  static constexpr ErrorFacts kInternal{"failure", 1, "internal"};
  switch (code) {
    case ErrorCode::InvalidInput:
      return kInvalidInput;
    case ErrorCode::NotFound:
      return kNotFound;
    case ErrorCode::AlreadyExists:
      return kAlreadyExists;
    case ErrorCode::Untrusted:
      return kUntrusted;
    case ErrorCode::BadSignature:
      return kBadSignature;
    case ErrorCode::Corrupt:
      return kCorrupt;
    case ErrorCode::NotAccepted:
      return kNotAccepted;
    case ErrorCode::Unsafe:
      return kUnsafe;
    case ErrorCode::NoSources:
      return kNoSources;
    case ErrorCode::NoSpace:
      return kNoSpace;
    case ErrorCode::Io:
      return kIo;
    case ErrorCode::Denied:
      return kDenied;
    case ErrorCode::Config:
      return kConfig;
    case ErrorCode::Busy:
      return kBusy;
    case ErrorCode::Unavailable:
      return kUnavailable;
    case ErrorCode::Cancelled:
      return kCancelled;
    case ErrorCode::Internal:
      return kInternal;
  }
  return kInternal;
}

}  // namespace owrd
