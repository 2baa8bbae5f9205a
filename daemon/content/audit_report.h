#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/content/looking.h"
#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

/// What follows from an audit.
namespace owrd::content {

/// What the audits that owrd made are called in a manifest.
constexpr std::string_view kAuditKind = "owrd-audit";

/// Whether a rule is let through: it stands in `allow` itself, or what comes before its first dot
/// does ("pickle" for "pickle.unknown").
bool is_allowed(std::string_view rule, const std::vector<std::string>& allow);

/// Unsafe when there is a finding that fails and is not let through: names the first of them,
/// how many there are, and which words would let them through. `remedy` says how; it begins with a
/// verb and ends before those words.
Result<> judge_audit(const std::vector<AuditedFile>& files, const std::vector<std::string>& allow,
                     const std::string& remedy);

/// The audit as it stands in a manifest: what warns or fails of each file. Of more than 500
/// findings the last one says how many are left out. What was let through, and why, is
/// in it; words that let nothing through are not.
v1::Audit audit_record(const std::vector<AuditedFile>& files, const std::vector<std::string>& allow,
                       const std::string& reason, std::int64_t performed);

}  // namespace owrd::content
