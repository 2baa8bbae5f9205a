#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

/// release.toml: what a publisher says of a release, written by hand. Its keys are the fields of
/// the manifest; release_toml.md lists them.
namespace owrd::card {

/// The most bytes of a release.toml.
constexpr std::size_t kReleaseTomlLimitBytes = 1 << 20;

struct ReleaseFile {
  /// Only what a publisher says: model, version, license, and the fields 11 to 35.
  v1::Manifest said = {};
  /// See release::PublicationFacts; neither is part of the manifest.
  std::string stated_label = {};
  std::vector<std::string> api_endpoints = {};
};

/// Checks types, keys, the words of enums and the lengths of digests; what else must hold of a
/// description takes the files, and is release::check_description()'s to say. Numbers that are
/// signed as text are never read as floats: they must be strings.
///
/// An error begins with `file_name`, line and column, and names the key: `benchmarks[2].value`.
Result<ReleaseFile> parse_release_toml(std::string_view text,
                                       std::string_view file_name = "release.toml");

/// A file with all that can be said: each key with a comment above it, filled in where `known`
/// holds something, else commented out with an example. `remarks` are comments at its top, such as
/// where the values come from.
///
/// What is written reads back as what a publisher says in `known`, but for values of enums that the
/// schema does not know, which are left out.
std::string write_release_toml(const ReleaseFile& known,
                               const std::vector<std::string>& remarks = {});

/// All keys, with their types and examples, as Markdown: release_toml.md.
std::string release_toml_reference();

}  // namespace owrd::card
