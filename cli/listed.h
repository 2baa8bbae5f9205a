#pragma once

#include "cli/context.h"

namespace owrd::cli {

/// Prints releases that feeds list: a table, refs, or records. `nothing` is said when there is
/// none.
void print_listed(Context& context,
                  const google::protobuf::RepeatedPtrField<v1::ListedRecord>& releases,
                  const std::string& nothing);

/// Which release a ref stands for; an expired head serves too when `allow_stale`.
Result<v1::ResolveReply> resolve(Daemon& daemon, const std::string& ref, bool allow_stale);

/// "acme/atlas:1.2.0@sha256:…": a ref that stands for this content alone.
std::string pinned_ref(const v1::ListedRecord& release);

}  // namespace owrd::cli
