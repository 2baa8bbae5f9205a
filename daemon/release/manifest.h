#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

namespace owrd::release {

/// One file of a manifest.
struct File {
  std::string path;
  std::uint64_t length;
  std::optional<Digest> pieces_root;  ///< None for an empty file.
  Digest sha256;
  v1::FileRole role;
};

/// A manifest that keeps the rules: who signed it is another question. Holds the exact payload,
/// what it says, and its invariants: valid paths in tree order with layers.owrd among them, valid
/// piece length, at most 16384 files and 64 TiB, no feature that this program does not know.
class Manifest {
 public:
  static Result<Manifest> parse(ByteView payload);

  /// SHA-256 of the payload.
  const Digest& release_id() const { return release_id_; }
  const Bytes& payload() const { return payload_; }
  const Digest& publisher_id() const { return publisher_id_; }
  const std::string& model() const { return message_.model(); }
  const std::string& version() const { return message_.version(); }
  const std::string& dir() const { return message_.dir(); }
  const std::string& license() const { return message_.license().spdx_expression(); }
  std::int64_t created() const { return message_.created(); }
  std::uint64_t piece_length() const { return message_.piece_length(); }
  const std::vector<File>& files() const { return files_; }
  std::uint64_t total_bytes() const { return total_bytes_; }
  const v1::Manifest& message() const { return message_; }

 private:
  Manifest(Bytes payload, v1::Manifest message, Digest release_id, Digest publisher_id,
           std::vector<File> files, std::uint64_t total_bytes);
  Bytes payload_;
  v1::Manifest message_;
  Digest release_id_;
  Digest publisher_id_;
  std::vector<File> files_;
  std::uint64_t total_bytes_;
};

/// Checks the rules on `message` and gives the payload bytes: what a publisher signs.
Result<Manifest> make_manifest(const v1::Manifest& message);

/// By the payload's size: 1 MiB under 4 GB, 4 MiB to 64 GB, 8 MiB to 1 TB, 16 MiB above; halved
/// while files times piece length reaches 2 GiB (libtorrent 2.0.8 counts padding in 32 bits).
std::uint64_t choose_piece_length(std::uint64_t total_bytes, std::uint64_t files);

/// SemVer 2.0.0, where the patch number may be left out: "1.0", "2.1.0-rc.1".
bool is_valid_version(std::string_view text);

/// An SPDX licence id or expression of known ids, or LicenseRef-…; the error names the nearest
/// known id.
Result<> check_license(std::string_view expression);

}  // namespace owrd::release
