#pragma once

#include <string>
#include <string_view>

#include "daemon/release/manifest.h"
#include "daemon/trust/key.h"

/// How a release and its keys are called where owrd is not known.
namespace owrd::exports {

/// "sha256:<hex>"
std::string release_id_text(const release::Manifest& manifest);

/// "<hex of the publisher id>/<model>": the same for all versions.
std::string package_id(const release::Manifest& manifest);

/// "pkg:generic/<hex of the publisher id>/<model>@<version>" (package-url/purl-spec, type generic).
std::string package_url(const release::Manifest& manifest);

/// A UUID of version 8 from SHA-256 (RFC 9562 section 5.8 and appendix B.2) of the release id: each
/// `purpose` has its own.
std::string uuid_of(const release::Manifest& manifest, std::string_view purpose);

/// The display name, else the model's.
std::string title_of(const release::Manifest& manifest);

/// "namespace/name" of "pkg:huggingface/namespace/name@…"; empty for any other package URL.
std::string hugging_face_repository(std::string_view purl);

/// SubjectPublicKeyInfo in PEM, as openssl prints it (RFC 8410 section 4, RFC 7468 section 13).
std::string public_key_pem(const trust::PublicKey& key);

}  // namespace owrd::exports
