#pragma once

#include <cstdint>
#include <string>

#include "cli/context.h"
#include "daemon/trust/root_chain.h"
#include "owrd/v1/release.pb.h"

namespace owrd::cli {

/// InvalidInput, with the rules, for what is no petname.
Result<> check_petname(const std::string& petname);

/// What the daemon knows of a publisher, by petname or id.
Result<v1::ShowPublisherReply> show_publisher(Daemon& daemon, const std::string& name);

/// The publisher's roots, verified here, from the bundle that the daemon gave.
Result<trust::RootChain> chain_of(const v1::ShowPublisherReply& reply);

/// "fresh", "stale" and so on: one word for people and programs.
std::string freshness_name(v1::Freshness freshness);
/// "stale since 2 days ago"; for programs "stale since 2026-10-02T08:15:00Z".
Cell freshness_of(const v1::PublisherRecord& publisher, std::int64_t now);

}  // namespace owrd::cli
