#include "daemon/release/terms.h"

#include <algorithm>

#include "daemon/hash/sha256.h"
#include "daemon/release/license_classes.h"
#include "daemon/release/path_rules.h"

namespace owrd::release {

Digest terms_digest(const Manifest& manifest) {
  const auto& license = manifest.message().license();
  for (const auto& file : manifest.files())
    if (!license.text_path().empty() && file.path == license.text_path()) return file.sha256;
  const auto said = license.spdx_expression() + "\n" + license.name() + "\n" + license.url() + "\n";
  return hash::sha256(as_bytes(said));
}

bool asks_for_acceptance(const Manifest& manifest) {
  return asks_for_acceptance(manifest.message().license());
}

bool is_about_release(const File& file) {
  return file.role == v1::FILE_ROLE_LICENSE || file.role == v1::FILE_ROLE_CARD ||
         file.path == kTensorsName || file.path == kLayersName || file.path == kProofName;
}

}  // namespace owrd::release
