#pragma once

#include <string>
#include <string_view>

#include "daemon/release/label.h"

/// The badge of a label, as a drawing of owrd's own.
namespace owrd::release {

/// An SVG, 20 units high: the same bytes for the same label. No fonts are needed: the letters are
/// drawn. Its <title> is the text alternative.
std::string label_svg(Label label);

/// Markdown that shows the badge at `image_url`, with the label's name as the text alternative.
std::string label_markdown(Label label, std::string_view image_url);

}  // namespace owrd::release
