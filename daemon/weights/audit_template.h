#pragma once

#include <string_view>

#include "daemon/weights/finding.h"

namespace owrd::weights {

/// Signals of a chat template (Jinja) that reaches for Python, or hides something:
/// template.escape for names that lead out of a sandbox, template.include for other templates,
/// template.hidden for characters that cannot be seen, template.blob for long encoded text.
/// What a template does to the words of a chat cannot be judged by them.
Findings audit_template(std::string_view text);

}  // namespace owrd::weights
