#include "daemon/release/manifest.h"

#include <algorithm>

#include "daemon/core/ref.h"
#include "daemon/core/text.h"
#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/description.h"
#include "daemon/release/layers.h"
#include "daemon/release/path_rules.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/wire_lint.h"

namespace owrd::release {
namespace {

constexpr int kMaxFiles = 16384;
constexpr std::uint64_t kMaxTotalBytes = std::uint64_t{64} << 40;
constexpr std::size_t kMaxVersionBytes = 96;
constexpr std::size_t kMaxLicenseBytes = 256;
// The last second of the year 9999, which is as far as RFC 3339 can say.
constexpr std::int64_t kMaxTime = 253'402'300'799;
// libtorrent 2.0.8: max_pieces of load_torrent_limits, and padding counted in 32 signed bits.
constexpr std::uint64_t kMaxPieces = 2'097'152;
constexpr std::uint64_t kPaddingLimitBytes = std::uint64_t{2} << 30;

Error invalid(const std::string& what) {
  return Error{
      ErrorCode::InvalidInput, "manifest: " + what,
      "it is damaged, or owrd publish did not make it: ask the publisher for its magnet link or "
      ".owr"};
}
Error invalid_file(std::string_view path, const std::string& what) {
  return invalid("file " + quoted(path) + ": " + what);
}
Error within_manifest(const Error& error) { return invalid(error.message); }

Result<> check_features(const v1::Manifest& message) {
  if (message.required_features().empty()) return Done{};
  return Error{ErrorCode::InvalidInput,
               "manifest: needs the feature " + quoted(message.required_features(0)) +
                   ", which this version of owrd does not know",
               "install a newer owrd"};
}

Result<> check_names(const v1::Manifest& message) {
  if (!is_valid_name(message.model()))
    return invalid("model " + quoted(message.model()) +
                   ": expected letters, digits, '.', '_' and '-', at most 96");
  if (message.version().size() > kMaxVersionBytes || !is_valid_version(message.version()))
    return invalid("version " + quoted(message.version()) +
                   ": expected MAJOR.MINOR or MAJOR.MINOR.PATCH as in SemVer 2.0.0, such as 1.0 or "
                   "2.1.0-rc.1");
  if (message.created() <= 0 || message.created() > kMaxTime)
    return invalid("created: " + std::to_string(message.created()) +
                   " is no time between 1970 and 9999");
  if (const auto fault = find_path_fault(message.dir()))
    return invalid("dir " + quoted(message.dir()) + ": " + *fault);
  if (message.dir().find('/') != std::string::npos)
    return invalid("dir " + quoted(message.dir()) + ": has more than one element");
  if (!hash::is_valid_piece_length(message.piece_length()))
    return invalid("piece length " + std::to_string(message.piece_length()) +
                   ": expected a power of two from 16 KiB to 128 MiB");
  return Done{};
}

Result<> check_role(const v1::File& file) {
  if (!v1::FileRole_IsValid(file.role()) || file.role() == v1::FILE_ROLE_UNSPECIFIED)
    return invalid_file(file.path(), "has no role that this version of owrd knows");
  const bool is_layers = file.path() == kLayersName;
  if (is_layers && file.role() != v1::FILE_ROLE_LAYERS)
    return invalid_file(file.path(), "must have the role LAYERS");
  if (!is_layers && file.role() == v1::FILE_ROLE_LAYERS)
    return invalid_file(file.path(), "has the role LAYERS, which is layers.owrd's alone");
  return Done{};
}

Result<std::optional<Digest>> read_root(const v1::File& file) {
  const auto& bytes = file.pieces_root();
  if (file.length() == 0) {
    if (!bytes.empty()) return invalid_file(file.path(), "is empty but has a pieces root");
    return std::optional<Digest>();
  }
  const auto root = Digest::from_bytes(as_bytes(bytes));
  if (!root) return invalid_file(file.path(), "its pieces root is not 32 bytes");
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; }))
    return invalid_file(file.path(), "its pieces root is all zero");
  return std::optional<Digest>(*root);
}

Result<Digest> read_sha256(const v1::File& file) {
  const auto sha256 = Digest::from_bytes(as_bytes(file.sha256()));
  if (!sha256) return invalid_file(file.path(), "its SHA-256 is not 32 bytes");
  if (file.length() == 0 && *sha256 != hash::sha256({}))
    return invalid_file(file.path(), "is empty but its SHA-256 is not that of nothing");
  return *sha256;
}

Result<File> read_file(const v1::File& file) {
  if (file.path() == kProofName)
    return invalid_file(file.path(), "is the manifest itself and cannot be listed in it");
  if (file.length() > kMaxTotalBytes) return invalid_file(file.path(), "is larger than 64 TiB");
  if (auto checked = check_role(file); !checked) return checked.error();
  const auto root = read_root(file);
  if (!root) return root.error();
  const auto sha256 = read_sha256(file);
  if (!sha256) return sha256.error();
  return File{file.path(), file.length(), *root, *sha256, file.role()};
}

Result<> check_file_names(const v1::Manifest& message) {
  std::vector<std::string> paths;
  for (const auto& file : message.files()) {
    if (!paths.empty() && !tree_order(paths.back(), file.path()) && paths.back() != file.path())
      return invalid_file(file.path(), "comes after " + quoted(paths.back()) +
                                           ", which is not the order of the file tree");
    paths.push_back(file.path());
  }
  paths.emplace_back(kProofName);
  if (auto checked = check_paths(paths); !checked) return within_manifest(checked.error());
  return Done{};
}

Result<std::vector<File>> read_files(const v1::Manifest& message) {
  if (message.files_size() > kMaxFiles)
    return invalid("lists " + std::to_string(message.files_size()) +
                   " files; at most 16384 are allowed");
  std::vector<File> files;
  files.reserve(static_cast<std::size_t>(message.files_size()));
  for (const auto& entry : message.files()) {
    auto file = read_file(entry);
    if (!file) return file.error();
    files.push_back(*std::move(file));
  }
  if (auto checked = check_file_names(message); !checked) return checked.error();
  return files;
}

Result<std::uint64_t> add_up(const std::vector<File>& files) {
  std::uint64_t total = 0;
  for (const auto& file : files) {
    total += file.length;
    if (total > kMaxTotalBytes) return invalid("the files are larger than 64 TiB together");
  }
  return total;
}

/// release.owrd is counted in at its greatest length.
Result<> check_pieces(const std::vector<File>& files, std::uint64_t piece_length) {
  const auto proof_limit = trust::envelope_limit_bytes(trust::PayloadKind::Manifest);
  std::uint64_t pieces = hash::piece_count(proof_limit, piece_length);
  std::uint64_t padding_bytes = piece_length;
  for (const auto& file : files) {
    const auto count = hash::piece_count(file.length, piece_length);
    pieces += count;
    padding_bytes += count * piece_length - file.length;
  }
  if (pieces > kMaxPieces)
    return invalid("has about " + std::to_string(pieces) + " pieces; at most 2097152 are allowed");
  if (padding_bytes >= kPaddingLimitBytes)
    return invalid("piece length " + std::to_string(piece_length) +
                   ": too large for so many files (the padding between them reaches 2 GiB)");
  return Done{};
}

Result<> check_layers_file(const std::vector<File>& files, std::uint64_t piece_length) {
  const auto layers = std::find_if(files.begin(), files.end(),
                                   [](const File& file) { return file.path == kLayersName; });
  if (layers == files.end()) return invalid("does not list layers.owrd");
  const auto expected = layers_length(files, piece_length);
  if (layers->length != expected)
    return invalid_file(layers->path, "has " + std::to_string(layers->length) +
                                          " bytes where the other files' piece layers need " +
                                          std::to_string(expected));
  return Done{};
}

Result<> check_license_field(const v1::License& license, const std::vector<File>& files) {
  const auto& expression = license.spdx_expression();
  const bool is_visible = std::all_of(expression.begin(), expression.end(),
                                      [](char c) { return c >= ' ' && c < '\x7f'; });
  if (expression.empty()) return invalid("names no licence");
  if (expression.size() > kMaxLicenseBytes || !is_visible)
    return invalid("licence " + quoted(expression) +
                   ": expected at most 256 printable ASCII characters");
  const auto is_text = [&](const File& file) { return file.path == license.text_path(); };
  if (!license.text_path().empty() && std::none_of(files.begin(), files.end(), is_text))
    return invalid("licence text " + quoted(license.text_path()) + " is not among the files");
  return Done{};
}

Result<> check_trackers(const v1::Manifest& message) {
  if (message.trackers_size() > kMaxTrackers)
    return invalid("names " + std::to_string(message.trackers_size()) +
                   " trackers; at most 32 are allowed");
  for (const auto& tracker : message.trackers())
    if (auto checked = check_tracker(tracker); !checked) return within_manifest(checked.error());
  return Done{};
}

Result<v1::Manifest> read_message(ByteView payload) {
  const auto limit = trust::envelope_limit_bytes(trust::PayloadKind::Manifest);
  if (payload.size() > limit) return invalid("is longer than " + std::to_string(limit) + " bytes");
  const auto linted =
      trust::lint_wire(payload, *v1::Manifest::descriptor(), trust::UnknownFields::Tolerate);
  if (!linted) return within_manifest(linted.error());
  v1::Manifest message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
    return invalid("is not a protobuf message");
  return message;
}

}  // namespace

Manifest::Manifest(Bytes payload, v1::Manifest message, Digest release_id, Digest publisher_id,
                   std::vector<File> files, std::uint64_t total_bytes)
    : payload_(std::move(payload)),
      message_(std::move(message)),
      release_id_(release_id),
      publisher_id_(publisher_id),
      files_(std::move(files)),
      total_bytes_(total_bytes) {}

Result<Manifest> Manifest::parse(ByteView payload) {
  auto message = read_message(payload);
  if (!message) return message.error();
  if (auto checked = check_features(*message); !checked) return checked.error();
  const auto publisher_id = Digest::from_bytes(as_bytes(message->publisher_id()));
  if (!publisher_id) return invalid("publisher id: expected 32 bytes");
  if (auto checked = check_names(*message); !checked) return checked.error();

  auto files = read_files(*message);
  if (!files) return files.error();
  const auto total_bytes = add_up(*files);
  if (!total_bytes) return total_bytes.error();
  if (auto checked = check_pieces(*files, message->piece_length()); !checked)
    return checked.error();
  if (auto checked = check_layers_file(*files, message->piece_length()); !checked)
    return checked.error();
  if (auto checked = check_license_field(message->license(), *files); !checked)
    return checked.error();
  if (auto checked = check_trackers(*message); !checked) return checked.error();
  if (auto checked = check_description(*message); !checked) return within_manifest(checked.error());
  return Manifest(to_bytes(payload), *std::move(message), hash::sha256(payload), *publisher_id,
                  *std::move(files), *total_bytes);
}

Result<Manifest> make_manifest(const v1::Manifest& message) {
  return Manifest::parse(as_bytes(message.SerializeAsString()));
}

}  // namespace owrd::release
