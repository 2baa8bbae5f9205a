#include "daemon/exports/names.h"

#include <algorithm>
#include <array>

#include "daemon/core/base64.h"
#include "daemon/hash/sha256.h"

namespace owrd::exports {
namespace {

// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }
constexpr std::string_view kEd25519Prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c))
      out += c;
    else
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15U]};
  }
  return out;
}

}  // namespace

std::string release_id_text(const release::Manifest& manifest) {
  return "sha256:" + manifest.release_id().to_hex();
}

std::string package_id(const release::Manifest& manifest) {
  return manifest.publisher_id().to_hex() + "/" + manifest.model();
}

std::string package_url(const release::Manifest& manifest) {
  return "pkg:generic/" + manifest.publisher_id().to_hex() + "/" +
         percent_encoded(manifest.model()) + "@" + percent_encoded(manifest.version());
}

std::string uuid_of(const release::Manifest& manifest, std::string_view purpose) {
  hash::Sha256 hasher;
  hasher.update(as_bytes("owrd-export-v1\n"));
  hasher.update(as_bytes(purpose));
  hasher.update(as_bytes("\n"));
  hasher.update(manifest.release_id().bytes());
  const auto digest = hasher.finish();
  std::array<std::byte, 16> bytes{};
  std::copy_n(digest.bytes().begin(), bytes.size(), bytes.begin());
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x80};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  const auto hex = to_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string title_of(const release::Manifest& manifest) {
  const auto& name = manifest.message().display_name();
  return name.empty() ? manifest.model() : name;
}

std::string hugging_face_repository(std::string_view purl) {
  constexpr std::string_view kPrefix = "pkg:huggingface/";
  if (!purl.starts_with(kPrefix)) return "";
  purl.remove_prefix(kPrefix.size());
  return std::string(purl.substr(0, purl.find_first_of("@?#")));
}

std::string public_key_pem(const trust::PublicKey& key) {
  auto der = to_bytes(kEd25519Prefix);
  der.insert(der.end(), key.bytes().begin(), key.bytes().end());
  return "-----BEGIN PUBLIC KEY-----\n" + to_base64(der) + "\n-----END PUBLIC KEY-----\n";
}

}  // namespace owrd::exports
