#pragma once

#include <filesystem>
#include <string>

#include "cli/context.h"
#include "owrd/v1/release.pb.h"

namespace owrd::cli {

/// The name of the file in a directory that says what its publisher has to say of it.
constexpr std::string_view kDescriptionName = "release.toml";

/// What release.toml says. InvalidInput names the file and the line at fault.
struct Description {
  v1::Manifest said;
  std::string stated_label;
  std::vector<std::string> api_endpoints;
};
Result<Description> read_description(const std::filesystem::path& file);

/// A manifest for what a directory holds, as far as it can be told before it is published: what its
/// release.toml says, if there is one, and its files with their roles and lengths. Nothing is
/// hashed, nothing is signed.
Result<v1::Manifest> draft_of(const std::filesystem::path& directory);

/// What is to be judged: a release, by its signed manifest, or a directory, by its draft. `name` is
/// how people call it.
struct Subject {
  std::string name;
  v1::Manifest manifest;
};
Result<Subject> find_subject(Context& context, const std::string& ref_or_directory);

}  // namespace owrd::cli
