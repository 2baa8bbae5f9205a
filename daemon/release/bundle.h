#pragma once

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/trust/root_chain.h"
#include "owrd/v1/release.pb.h"

namespace owrd::release {

/// The most bytes of a .owr or .owrp.
constexpr std::uint64_t kBundleLimitBytes = 32 * 1024 * 1024;

/// Takes a .owr or .owrp apart: the line "owrd-bundle-1\n", then a Bundle. Checks the form and the
/// limits, believes nothing. The error tells a truncated bundle from what never was one.
Result<v1::Bundle> parse_bundle(ByteView bytes);
Bytes encode_bundle(const v1::Bundle& bundle);

/// The publisher's roots that are in the bundle, verified one by one.
Result<trust::RootChain> roots_in(const v1::Bundle& bundle);

/// Whether the head and the feed that may be in the bundle are whole: the head is signed as its
/// root demands, if that is among `roots`, and pins the feed. Whether they are news is
/// judge_feed()'s matter.
Result<> check_news_in(const v1::Bundle& bundle, const trust::RootChain& roots);

}  // namespace owrd::release
