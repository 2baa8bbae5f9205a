#pragma once

#include <string_view>

#include "daemon/core/bytes.h"
#include "daemon/weights/finding.h"

namespace owrd::weights {

/// Programs and scripts: native.binary by the first bytes (ELF, PE, Mach-O, WebAssembly, Java
/// class), native.script by "#!", native.name by an extension that only code has, code.python and
/// code.notebook. `head` holds at least the first 512 bytes, or all.
Findings audit_code(std::string_view name, ByteView head);

/// Archives and compressed files that the audit does not look into, by first bytes or extension:
/// archive.opaque.
Findings audit_opaque(std::string_view name, ByteView head);

}  // namespace owrd::weights
