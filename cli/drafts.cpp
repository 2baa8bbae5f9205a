#include "cli/drafts.h"

#include <utility>

#include "cli/files.h"
#include "cli/manifests.h"
#include "cli/source.h"
#include "daemon/card/release_toml.h"
#include "daemon/content/scan.h"

namespace owrd::cli {
namespace {

constexpr std::uint64_t kDescriptionLimitBytes = 1024 * 1024;

}  // namespace

Result<Description> read_description(const std::filesystem::path& file) {
  const auto text = read_file(file, kDescriptionLimitBytes);
  if (!text) return text.error();
  auto parsed = card::parse_release_toml(as_text(*text));
  if (!parsed)
    return Error{parsed.error().code, file.string() + ": " + parsed.error().message,
                 parsed.error().hint};
  return Description{std::move(parsed->said), std::move(parsed->stated_label),
                     std::move(parsed->api_endpoints)};
}

Result<v1::Manifest> draft_of(const std::filesystem::path& directory) {
  const auto scan = content::scan_directory(directory);
  if (!scan) return scan.error();
  v1::Manifest manifest;
  const auto file = directory / kDescriptionName;
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    auto description = read_description(file);
    if (!description) return description.error();
    manifest = std::move(description->said);
  }
  for (const auto& scanned : scan->files) {
    auto& added = *manifest.add_files();
    added.set_path(scanned.path);
    added.set_length(scanned.identity.size);
    added.set_role(scanned.role);
  }
  return manifest;
}

Result<Subject> find_subject(Context& context, const std::string& text) {
  if (is_directory_target(text)) {
    auto draft = draft_of(absolute_path(text));
    if (!draft) return draft.error();
    return Subject{text, std::move(*draft)};
  }
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  auto found = find_manifest(**daemon, text);
  if (!found) return found.error();
  return Subject{found->ref, found->manifest.message()};
}

}  // namespace owrd::cli
