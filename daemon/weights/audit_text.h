#pragma once

#include <string_view>

#include "daemon/weights/finding.h"

namespace owrd::weights {

/// secret.private-key and secret.token: private keys in PEM, and tokens with the prefixes of
/// well-known services. Says at which byte, never which.
Findings audit_secrets(std::string_view text);

/// What a JSON file of a model makes its readers do: config.auto-map, config.remote-code,
/// config.trust-remote-code, keras.code, index.invalid, json.invalid, and the rules of
/// audit_template() for chat templates in it.
Findings audit_json(std::string_view name, std::string_view text);

}  // namespace owrd::weights
