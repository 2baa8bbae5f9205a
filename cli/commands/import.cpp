#include <fstream>
#include <map>

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/files.h"
#include "cli/records.h"
#include "cli/snapshots.h"
#include "cli/wording.h"
#include "daemon/card/lfs.h"
#include "daemon/core/text.h"
#include "daemon/hash/sha256.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

struct ImportOptions {
  std::string directory;
  std::string to;
};

void add_flags(CLI::App& command, ImportOptions& options) {
  command
      .add_option("directory", options.directory,
                  "A snapshot or clone of a Hugging Face repository")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--to", options.to,
                  "Copy the files here first: the cache of Hugging Face holds links, which a "
                  "release cannot")
      ->type_name("DIR");
}

/// The SHA-256 that a file must have, by path.
using Digests = std::map<std::string, Digest>;

/// The blobs of Hugging Face's cache bear the SHA-256 of their bytes as a name, those of LFS.
void add_blob_digest(const fs::path& file, const std::string& path, Digests& digests) {
  std::error_code error;
  const auto target = fs::read_symlink(file, error);
  if (error) return;
  if (const auto digest = Digest::from_hex(target.filename().string()))
    digests.emplace(path, *digest);
}

/// Whether a link stays with what it belongs to: within the tree, or the blobs of the same cache.
bool stays(const fs::path& target, const fs::path& from) {
  std::error_code ignored;
  const auto is_below = [&target](const fs::path& top) {
    const auto path = target.lexically_relative(top);
    return !top.empty() && !path.empty() && *path.begin() != "..";
  };
  return is_below(fs::canonical(from, ignored)) ||
         is_below(fs::canonical(from / ".." / ".." / "blobs", ignored));
}

Result<> copy_one(const fs::directory_entry& entry, const fs::path& from, const fs::path& to) {
  std::error_code error;
  const auto target = fs::canonical(entry.path(), error);
  if (!error && !stays(target, from))
    return Error{
        ErrorCode::InvalidInput,
        entry.path().string() + " is a link that leads out of the directory, to " + target.string(),
        "take it away, or put the file itself there"};
  if (!error) fs::create_directories(to.parent_path(), error);
  if (!error) fs::copy_file(target, to, error);
  if (!error) return Done{};
  return Error{ErrorCode::Io, "copying " + entry.path().string() + ": " + error.message(),
               "take it away, or put a regular file there"};
}

Result<> check_places(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  if (!fs::is_directory(from, ignored))
    return Error{ErrorCode::NotFound, from.string() + ": there is no such directory"};
  const auto inside =
      fs::weakly_canonical(to, ignored).lexically_relative(fs::canonical(from, ignored));
  if (!inside.empty() && *inside.begin() != "..")
    return Error{ErrorCode::InvalidInput, "--to " + to.string() + " is within " + from.string(),
                 "choose another place with --to DIR"};
  if (fs::exists(to, ignored) && !fs::is_empty(to, ignored))
    return Error{ErrorCode::AlreadyExists, to.string() + " is there already, and is not empty",
                 "choose another place with --to DIR"};
  return Done{};
}

/// Copies all files, links followed, and what says how they were downloaded.
Result<Digests> copy_tree(const fs::path& from, const fs::path& to) {
  Digests digests;
  std::error_code error;
  for (fs::recursive_directory_iterator each(from, error), end; !error && each != end;
       each.increment(error)) {
    const auto path = each->path().lexically_relative(from);
    if (path.begin()->string() == ".git") {
      if (each->is_directory()) each.disable_recursion_pending();
      continue;
    }
    // owrd's own files are of the release that is there, not of the next one.
    if (each->is_directory() || path.extension() == ".owrd") continue;
    if (const auto copied = copy_one(*each, from, to / path); !copied) return copied.error();
    if (each->is_symlink()) add_blob_digest(each->path(), path.generic_string(), digests);
  }
  if (error) return Error{ErrorCode::Io, "reading " + from.string() + ": " + error.message()};
  return digests;
}

Result<Digest> digest_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  hash::Sha256 hasher;
  std::string buffer(1 << 20, '\0');
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hasher.update(
        as_bytes(std::string_view(buffer).substr(0, static_cast<std::size_t>(stream.gcount()))));
  }
  if (!stream.eof()) return Error{ErrorCode::Io, "reading " + file.string() + " failed"};
  return hasher.finish();
}

/// A file that is not what it was downloaded as is named.
Result<std::size_t> compare(const fs::path& directory, const Digests& digests) {
  std::size_t compared = 0;
  for (const auto& [path, expected] : digests) {
    std::error_code ignored;
    if (!fs::is_regular_file(directory / path, ignored)) continue;
    const auto actual = digest_of(directory / path);
    if (!actual) return actual.error();
    if (*actual != expected)
      return Error{ErrorCode::Corrupt,
                   path + " is not what it was downloaded as: its SHA-256 is " + actual->to_hex() +
                       ", by Git LFS it is " + expected.to_hex(),
                   "download it again"};
    ++compared;
  }
  return compared;
}

Result<int> import_to(Context& context, const fs::path& from, const fs::path& directory) {
  Digests digests;
  if (directory != from) {
    auto copied = copy_tree(from, directory);
    if (!copied) return copied.error();
    digests = std::move(*copied);
  }
  const auto snapshot = DirectorySnapshot::open(directory);
  if (!snapshot) return snapshot.error();
  (*snapshot)->set_location(from);
  digests.merge(card::expected_digests(**snapshot));
  const auto compared = compare(directory, digests);
  if (!compared) return compared.error();
  const auto file = directory / kDescriptionName;
  const auto suggested = write_description(**snapshot, file);
  if (!suggested && suggested.error().code == ErrorCode::AlreadyExists)
    return Error{ErrorCode::AlreadyExists, file.string() + " is there already, and stays as it is",
                 "owrd publish reads it; to see what would be filled in: owrd init " +
                     shell_quote(directory.string()) + " -o -"};
  if (!suggested) return suggested.error();
  auto& output = context.output();
  output.note(*compared == 0 ? "nothing says which digests the files had when they came"
                             : count_of(*compared, "file") + " compared with Git LFS: the same");
  for (const auto& text : suggested->found) output.note("  " + text);
  for (const auto& text : suggested->contradictions) output.warning(text);
  output.good("wrote " + file.string());
  output.hint("then:  owrd publish " + shell_quote(directory.string()) +
              " --as PUBLISHER/MODEL:VERSION");
  if (context.json())
    output.record(Json{{"path", file.string()},
                       {"compared", *compared},
                       {"found", suggested->found},
                       {"contradictions", suggested->contradictions}});
  else
    output.result(file.string());
  return 0;
}

Result<int> run_import(Context& context, const ImportOptions& options) {
  const fs::path from = absolute_path(options.directory);
  if (options.to.empty()) return import_to(context, from, from);
  const fs::path to = absolute_path(options.to);
  if (const auto checked = check_places(from, to); !checked) return checked.error();
  std::error_code ignored;
  const bool was_there = fs::exists(to, ignored);
  auto imported = import_to(context, from, to);
  if (imported) return imported;
  // It was empty or missing; half a copy would be in the way of the next try.
  if (!was_there) fs::remove_all(to, ignored);
  if (was_there)
    for (const auto& entry : fs::directory_iterator(to, ignored))
      fs::remove_all(entry.path(), ignored);
  return imported;
}

}  // namespace

void add_import(CommandLine& line) {
  add_command<ImportOptions>(
      line, line.root,
      {"import", kPublishGroup, "Make a release of a Hugging Face snapshot or clone",
       "owrd import ~/.cache/huggingface/hub/models--acme--atlas/snapshots/COMMIT --to ./atlas\n"
       "owrd import ./atlas"},
      add_flags, run_import);
}

}  // namespace owrd::cli
