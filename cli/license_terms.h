#pragma once

#include <string>

#include "cli/manifests.h"

namespace owrd::cli {

/// The terms of a release, to be read before they are accepted.
struct Terms {
  std::string ref;
  std::string license;  ///< SPDX expression.
  std::string digest;   ///< 64 hex digits: what accepts them.
  std::string text;     ///< Empty: the release holds none.
  std::string url;
};

/// Reads the licence's text where the release is, or fetches nothing but that.
Result<Terms> terms_of(Daemon& daemon, const SignedManifest& release);

/// Shows the terms and asks. NotAccepted, with the flag that accepts them, when nobody can be asked
/// or they say no.
Result<> ask_for_acceptance(Context& context, const Terms& terms);

}  // namespace owrd::cli
