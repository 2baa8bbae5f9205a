#include "daemon/exports/model_signing.h"

#include <algorithm>
#include <array>

#include "daemon/exports/dsse_json.h"
#include "daemon/exports/names.h"
#include "daemon/exports/statements.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/path_rules.h"

namespace owrd::exports {
namespace {

/// Section 6.2 of the specification: at the top, with all that is below them.
constexpr std::array<std::string_view, 4> kIgnored = {".git", ".gitattributes", ".github",
                                                      ".gitignore"};

bool is_ignored(std::string_view path) {
  const auto top = path.substr(0, path.find('/'));
  return std::find(kIgnored.begin(), kIgnored.end(), top) != kIgnored.end();
}

/// In the order of code points, which for UTF-8 is that of bytes.
std::vector<release::File> signed_files(const release::Manifest& manifest) {
  std::vector<release::File> out;
  for (const auto& file : manifest.files())
    if (!is_ignored(file.path)) out.push_back(file);
  std::sort(out.begin(), out.end(), [](const release::File& a, const release::File& b) {
    return std::lexicographical_compare(
        a.path.begin(), a.path.end(), b.path.begin(), b.path.end(), [](char left, char right) {
          return static_cast<unsigned char>(left) < static_cast<unsigned char>(right);
        });
  });
  return out;
}

/// SHA-256 of all raw digests, one after another.
Digest root_of(const std::vector<release::File>& files) {
  hash::Sha256 hasher;
  for (const auto& file : files) hasher.update(file.sha256.bytes());
  return hasher.finish();
}

Json resources_of(const std::vector<release::File>& files) {
  auto out = Json::array();
  for (const auto& file : files)
    out.push_back(
        Json{{"name", file.path}, {"digest", file.sha256.to_hex()}, {"algorithm", "sha256"}});
  return out;
}

Json serialization() {
  auto ignored = Json::array();
  for (const auto path : kIgnored) ignored.push_back(path);
  ignored.push_back(release::kProofName);
  return Json{{"method", "files"},
              {"hash_type", "sha256"},
              {"allow_symlinks", false},
              {"ignore_paths", std::move(ignored)}};
}

Json bundle_of(Json envelope, const trust::PublicKey& key) {
  const auto hint = hash::sha256(as_bytes(public_key_pem(key))).to_hex();
  return Json{{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
              {"verificationMaterial",
               Json{{"publicKey", Json{{"hint", hint}}}, {"tlogEntries", Json::array()}}},
              {"dsseEnvelope", std::move(envelope)}};
}

}  // namespace

Exported model_signing(const release::Manifest& manifest, const trust::SecretKey& key) {
  const auto files = signed_files(manifest);
  Json subject{{"name", manifest.dir()}, {"digest", Json{{"sha256", root_of(files).to_hex()}}}};
  Json predicate{{"resources", resources_of(files)}, {"serialization", serialization()}};
  const auto whole = statement(Json::array({std::move(subject)}),
                               "https://model_signing/signature/v1.0", std::move(predicate));
  const auto bundle = bundle_of(signed_statement(whole, key), key.public_key());
  return {"application/vnd.dev.sigstore.bundle.v0.3+json", "model.sig", pretty(bundle)};
}

}  // namespace owrd::exports
