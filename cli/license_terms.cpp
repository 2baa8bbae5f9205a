#include "cli/license_terms.h"

#include <filesystem>

#include "cli/files.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/license_classes.h"
#include "daemon/release/terms.h"

namespace owrd::cli {
namespace {

constexpr std::uint64_t kTextLimitBytes = 1024 * 1024;

Result<std::string> read_text(const std::filesystem::path& directory, const std::string& path,
                              const Digest& digest) {
  const auto bytes = read_file(directory / path, kTextLimitBytes);
  if (!bytes) return bytes.error();
  if (hash::sha256(*bytes) != digest)
    return Error{ErrorCode::Corrupt,
                 (directory / path).string() + " is not the text that was signed",
                 "owrd verify --repair, with the release"};
  return std::string(as_text(*bytes));
}

}  // namespace

Result<Terms> terms_of(Daemon& daemon, const SignedManifest& release) {
  const auto& license = release.manifest.message().license();
  const auto digest = release::terms_digest(release.manifest);
  Terms terms{release.ref, license.spdx_expression(), digest.to_hex(), "", license.url()};
  const auto& path = license.text_path();
  if (path.empty()) return terms;
  std::error_code ignored;
  const auto take = [&](const std::filesystem::path& directory) -> Result<> {
    auto text = read_text(directory, path, digest);
    if (!text) return text.error();
    terms.text = std::move(*text);
    return Done{};
  };
  const bool is_here =
      !release.directory.empty() && std::filesystem::exists(release.directory / path, ignored);
  const auto read =
      is_here ? take(release.directory) : with_fetched_files(daemon, release, {path}, take);
  if (!read) return read.error();
  return terms;
}

Result<> ask_for_acceptance(Context& context, const Terms& terms) {
  auto& output = context.output();
  const auto flag = "--accept-license sha256:" + terms.digest;
  const Error refused{
      ErrorCode::NotAccepted,
      terms.ref + " is under " + terms.license + ", which asks to be accepted first",
      "read it: owrd license show " + terms.ref + "; then: owrd get … " + flag};
  if (!context.can_ask()) return refused;
  output.note(terms.text.empty() ? "the release holds no text of its terms; see " + terms.url
                                 : terms.text);
  output.note("sha256:" + terms.digest);
  output.note("That you accept is remembered here, and binds nobody else.");
  if (context.agrees("Do you accept these terms (" + terms.license + ")?")) return Done{};
  return Error{ErrorCode::NotAccepted, "the terms of " + terms.ref + " were not accepted",
               "nothing was fetched but their text"};
}

}  // namespace owrd::cli
