#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "daemon/release/manifest.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/key.h"
#include "owrd/v1/release.pb.h"
#include "owrd/v1/swarm.pb.h"
#include "tests/release/fixtures.h"

/// Publishers and small, real releases to test the engine with.
namespace owrd::engine {

/// A publisher of one key, which is root and release key.
struct MadePublisher {
  trust::SecretKey key;
  Bytes root;  ///< The envelope of root 1.
  Digest id;

  Bytes bundle() const;  ///< The .owrp.
  Bytes sign(const release::Manifest& manifest) const;
};
MadePublisher make_publisher(const std::string& name = "acme", int seed = 1);

/// A signed release with the bytes of its files.
struct MadeRelease {
  release::Manifest manifest;
  Bytes proof;
  release::Torrent torrent;
  std::vector<release::testing::Content> contents;  ///< In tree order, release.owrd among them.

  const Bytes& bytes(const std::string& path) const;
  /// The numbers of a file's pieces.
  std::vector<std::uint32_t> pieces(const std::string& path) const;
  std::vector<std::uint32_t> all_pieces() const;
  void write(const std::filesystem::path& directory) const;
  void write(const std::filesystem::path& directory, const std::string& path) const;
  /// All files, and nothing else, are in the directory.
  bool is_at(const std::filesystem::path& directory) const;
  v1::SwarmMetadata metadata() const;
  v1::Bundle bundle(const MadePublisher& publisher) const;
};

/// atlas in pieces of 64 KiB: LICENSE, empty.txt, layers.owrd, model.safetensors (four pieces),
/// release.owrd and tokenizer/vocab.txt (two). `change` may alter the manifest before it is signed.
MadeRelease make_release(const MadePublisher& publisher,
                         const std::function<void(v1::Manifest&)>& change = {});

/// A release of these files, in pieces of 64 KiB; layers.owrd is added.
MadeRelease make_release_of(const MadePublisher& publisher,
                            std::vector<release::testing::Content> files,
                            const std::function<void(v1::Manifest&)>& change = {});

/// The same as make_release() with the key of another publisher on it.
MadeRelease make_forged_release(const MadePublisher& claimed, const MadePublisher& signer);

}  // namespace owrd::engine
