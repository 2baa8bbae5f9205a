#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

/// Licence, data information, code availability and use restrictions of a release, each judged by
/// itself and from its own part of the manifest alone. There is no sum of them, on purpose.
namespace owrd::release {

struct Verdict {
  /// Of the licence its class; of the data "open", "described", "partly described"; of the code
  /// "complete", "partial"; of the use "unrestricted", "restricted"; of those three also "not
  /// provided" and "not stated".
  std::string word;
  std::vector<std::string> reasons;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

Verdict evaluate_license(const v1::License& license);
Verdict evaluate_data(const v1::DataInformation& data);
Verdict evaluate_code(const v1::CodeInformation& code);
Verdict evaluate_use(const v1::UseRestrictions& use);

struct Evaluation {
  Verdict license;
  Verdict data;
  Verdict code;
  Verdict use;
};
Evaluation evaluate(const v1::Manifest& manifest);

/// What the publisher says that the licence grants must not contradict what is known of it; the
/// error names the grant. Licences that are not known grant what is declared.
Result<> check_grants(const v1::License& license);

/// "yes", "no" or "not stated".
std::string_view to_string(v1::Answer answer);
/// "field of use", "noncommercial", …; "other" for one that is not known.
std::string_view to_string(v1::RestrictionKind kind);

}  // namespace owrd::release
