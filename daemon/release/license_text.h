#pragma once

#include <string>
#include <string_view>

/// Whether the text of a licence is the text of the licence that is named.
namespace owrd::release {

/// The licence whose title or first words stand at the beginning of the text: what its SPDX id (or
/// LicenseRef-hf-…) begins with, such as "Apache-2.0" or "GPL-3.0". Empty when none is recognised.
std::string_view recognise_license(std::string_view text);

/// False only where the text is recognised as another licence than all that the expression names.
/// Terms that the table does not know may have any text.
bool may_be_text_of(std::string_view text, std::string_view expression);

}  // namespace owrd::release
