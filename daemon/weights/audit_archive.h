#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/weights/byte_source.h"
#include "daemon/weights/finding.h"
#include "daemon/weights/format.h"

namespace owrd::weights {

/// How deep the audit is in archives within archives, and how many members it may still look at.
struct AuditBudget {
  int levels = 3;
  std::uint64_t members = 10'000;
};

/// The members of a ZIP, each as a file of its own: zip.invalid, archive.deep, archive.members, and
/// whatever is said of a member, with its name in front. Of PyTorch's archives the storages are
/// left out: they are numbers, whatever their first bytes look like.
Findings audit_archive(Format format, ByteSource& source, AuditBudget& budget);

/// audit() within an archive.
Findings audit_within(std::string_view name, ByteSource& source, AuditBudget& budget);

}  // namespace owrd::weights
