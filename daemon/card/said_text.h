#pragma once

#include <string_view>

/// Whether a stranger's text may stand in a manifest as it is; what release::check_description()
/// asks of one.
namespace owrd::card {

/// One line that prints, of 1 to 1024 bytes.
bool is_said_line(std::string_view text);
/// Such a line that is a URL of the web.
bool is_web_address(std::string_view text);

}  // namespace owrd::card
