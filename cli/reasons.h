#pragma once

#include <string>
#include <vector>

#include "owrd/v1/trust.pb.h"

/// Why a publisher says something of a release, as one word.
namespace owrd::cli {

/// "defect", "security" and so on.
std::vector<std::string> reason_names();
/// "defect, security, legal, harm, superseded or other"
std::string reason_words();
/// NOTICE_REASON_UNSPECIFIED for what is none of them.
v1::NoticeReason reason_of(const std::string& name);

}  // namespace owrd::cli
