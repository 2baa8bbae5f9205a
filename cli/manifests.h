#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "daemon/release/manifest.h"
#include "daemon/trust/envelope.h"
#include "owrd/v1/control.pb.h"

namespace owrd::cli {

/// What the publisher of a release has signed, read from the signed bytes themselves.
struct SignedManifest {
  std::string ref;
  std::string source;  ///< As it was asked for: a ref, a magnet link, a file.
  trust::Envelope envelope;
  release::Manifest manifest;
  /// Where its files are; empty when they are not in the store.
  std::filesystem::path directory;
};

/// Of a release in the store; of one that is only listed, the manifest is fetched, and nothing
/// stays of it. The daemon has verified its signatures.
Result<SignedManifest> find_manifest(Daemon& daemon, const std::string& source);

/// A glob that matches this path and no other.
std::string literal_glob(const std::string& path);

/// Fetches only these files of a release, hands over the directory that holds them, and removes
/// what it fetched. Of a release that was in the store before nothing is removed: it has these
/// files, too, from here on. NotFound when the release has none of them.
Result<> with_fetched_files(Daemon& daemon, const SignedManifest& release,
                            const std::vector<std::string>& paths,
                            const std::function<Result<>(const std::filesystem::path&)>& use);

}  // namespace owrd::cli
