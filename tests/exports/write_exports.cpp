// Writes a made-up release and all its exports, for others' tools to check: write_exports
// DIRECTORY. release/ holds its files, and beside it lies one file for each format.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/exports/cyclonedx.h"
#include "daemon/exports/dsse.h"
#include "daemon/exports/in_toto.h"
#include "daemon/exports/minisign.h"
#include "daemon/exports/model_card.h"
#include "daemon/exports/model_signing.h"
#include "daemon/exports/names.h"
#include "daemon/exports/openness_framework.h"
#include "daemon/exports/sha256sums.h"
#include "daemon/exports/spdx.h"
#include "tests/exports/rich_release.h"
#include "tests/trust/make.h"

namespace owrd::exports {
namespace {

bool write(const std::filesystem::path& path, ByteView bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) std::cerr << "error: cannot write " << path << "\n";
  return bool(out);
}

bool write_to(const std::filesystem::path& directory, const Result<Exported>& exported) {
  if (exported) return write(directory / exported->suggested_name, exported->bytes);
  std::cerr << "error: " << exported.error().message << "\n";
  return false;
}

bool write_release(const std::filesystem::path& directory, ByteView proof) {
  for (const auto& [path, bytes] : testing::rich_contents())
    if (!write(directory / path, bytes)) return false;
  return write(directory / "release.owrd", proof);
}

/// What is said of the release without a key.
bool write_descriptions(const std::filesystem::path& directory) {
  const auto manifest = testing::rich_manifest();
  const auto origin = testing::rich_origin();
  for (const auto& exported : {cyclonedx(manifest, origin), spdx(manifest, origin),
                               model_card(manifest, origin), openness_framework(manifest, origin)})
    if (!write_to(directory, exported)) return false;
  const auto bare = testing::bare_manifest();
  for (const auto& exported :
       {cyclonedx(bare, {}), spdx(bare, {}), model_card(bare, {}), openness_framework(bare, {})})
    if (!write_to(directory / "bare", exported)) return false;
  return true;
}

bool write_signed(const std::filesystem::path& directory, const trust::SecretKey& key,
                  const Bytes& proof) {
  const auto manifest = testing::rich_manifest();
  const auto envelope = trust::parse_envelope(proof, trust::PayloadKind::Manifest);
  if (!envelope) return false;
  const auto sums = sha256sums(manifest);
  const std::vector<trust::Attestation> attestations{testing::attestation_by(trust::make_key(9))};
  return write_to(directory, sums) && write_to(directory, minisign_public_key(key.public_key())) &&
         write_to(directory,
                  minisign_signature(sums, manifest.created(), release_id_text(manifest), key)) &&
         write_to(directory, dsse(*envelope, manifest.dir())) &&
         write_to(directory, in_toto(manifest, attestations, &key)) &&
         write_to(directory / "bare", in_toto(manifest, attestations, nullptr)) &&
         write_to(directory, model_signing(manifest, key)) &&
         write(directory / "key.pem", to_bytes(public_key_pem(key.public_key())));
}

int run(const std::filesystem::path& directory) {
  const auto key = trust::make_key(7);
  const auto proof =
      trust::seal(trust::PayloadKind::Manifest, testing::rich_manifest().payload(), {&key});
  const bool is_written = write_release(directory / "release", proof) &&
                          write_descriptions(directory) && write_signed(directory, key, proof);
  return is_written ? 0 : 1;
}

}  // namespace
}  // namespace owrd::exports

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_exports DIRECTORY\n";
    return 2;
  }
  return owrd::exports::run(argv[1]);
}
