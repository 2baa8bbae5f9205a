#pragma once

#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/engine/known_publishers.h"
#include "daemon/release/manifest.h"
#include "daemon/release/torrent.h"

namespace owrd::engine {

/// A release that is believed: its manifest is signed by enough release keys of a pinned publisher.
struct Believed {
  Bytes proof;  ///< release.owrd, byte for byte.
  release::Manifest manifest;
  release::Torrent torrent;  ///< Derived from the two above.
  std::string petname;
  std::vector<std::string> signed_by;  ///< "acme (3F7A 91C2 0B44 88E1)"
};

/// Decides whether release.owrd is to be believed. Untrusted when nobody pinned its publisher,
/// BadSignature when it is not signed as that publisher's roots demand or the feed lists another
/// release under its version, InvalidInput or Corrupt when it is not even well-formed.
Result<Believed> believe(ByteView proof, const KnownPublishers& publishers);

/// `acme/atlas:1.0`
std::string ref_text(const std::string& petname, const release::Manifest& manifest);

}  // namespace owrd::engine
