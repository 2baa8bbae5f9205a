#include "daemon/release/license_text.h"

#include <algorithm>

#include "daemon/release/license_classes.h"
#include "daemon/release/license_expression.h"

namespace owrd::release {
namespace {

// Titles stand at the top; further down licences speak of one another.
constexpr std::size_t kTopBytes = 2048;

struct Sign {
  std::string_view id;
  std::string_view words;  ///< In lower case, with single spaces.
  std::string_view also = {};
};

// The more special ones first.
constexpr Sign kSigns[] = {
    {"Apache-2.0", "apache license version 2.0, january 2004"},
    {"AGPL-3.0", "gnu affero general public license version 3"},
    {"LGPL-2.1", "gnu lesser general public license version 2.1"},
    {"LGPL-3.0", "gnu lesser general public license version 3"},
    {"GPL-3.0", "gnu general public license version 3"},
    {"GPL-2.0", "gnu general public license version 2"},
    {"MPL-2.0", "mozilla public license version 2.0"},
    {"OpenMDW-1.0", "openmdw license agreement, version 1.0"},
    {"LicenseRef-hf-openmdw-1.1", "openmdw license agreement, version 1.1"},
    {"CC0-1.0", "cc0 1.0 universal"},
    {"CC-BY-NC-SA-4.0", "attribution-noncommercial-sharealike 4.0 international"},
    {"CC-BY-NC-ND-4.0", "attribution-noncommercial-noderivatives 4.0 international"},
    {"CC-BY-NC-4.0", "attribution-noncommercial 4.0 international"},
    {"CC-BY-SA-4.0", "attribution-sharealike 4.0 international"},
    {"CC-BY-ND-4.0", "attribution-noderivatives 4.0 international"},
    {"CC-BY-4.0", "attribution 4.0 international"},
    {"LicenseRef-hf-llama2", "llama 2 community license agreement"},
    {"LicenseRef-hf-llama3.1", "llama 3.1 community license agreement"},
    {"LicenseRef-hf-llama3.2", "llama 3.2 community license agreement"},
    {"LicenseRef-hf-llama3.3", "llama 3.3 community license agreement"},
    {"LicenseRef-hf-llama3", "llama 3 community license agreement"},
    {"LicenseRef-hf-llama4", "llama 4 community license agreement"},
    {"LicenseRef-hf-gemma", "gemma terms of use"},
    {"LicenseRef-hf-deepseek", "deepseek license agreement"},
    {"LicenseRef-hf-mrl", "mistral ai research license"},
    {"LicenseRef-hf-mnpl", "mistral ai non-production license"},
    {"LicenseRef-hf-qwen-research", "qwen research license agreement"},
    {"LicenseRef-hf-tongyi-qianwen-research", "tongyi qianwen research license agreement"},
    {"LicenseRef-hf-tongyi-qianwen", "tongyi qianwen license agreement"},
    {"LicenseRef-hf-qwen", "qwen license agreement"},
    {"LicenseRef-hf-bigscience-bloom-rail-1.0", "bigscience rail license v1.0"},
    {"LicenseRef-hf-bigcode-openrail-m", "bigcode open rail-m v1"},
    {"LicenseRef-hf-openrail-pp", "creativeml open rail++-m license"},
    {"LicenseRef-hf-creativeml-openrail-m", "creativeml open rail-m"},
    {"BSD-3-Clause", "redistributions of source code must retain", "neither the name"},
    {"BSD-2-Clause", "redistributions of source code must retain"},
    {"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy",
     "the above copyright notice and this permission notice"},
};

/// In lower case, with one space between words.
std::string top_of(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kTopBytes)) {
    const bool is_space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (is_space && (out.empty() || out.back() == ' ')) continue;
    out += is_space ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// Whether one of the licences named has an id that begins with `prefix`, or is not known.
bool names(const LicenseExpression& expression, std::string_view prefix) {
  if (expression.kind != LicenseExpression::Kind::License)
    return std::any_of(expression.operands.begin(), expression.operands.end(),
                       [&](const auto& operand) { return names(operand, prefix); });
  const auto& id = expression.id;
  if (id == prefix || id.starts_with(std::string(prefix) + "-")) return true;
  // A text of one's own may begin with that of another.
  return classify_license(id).license_class == LicenseClass::Unknown ||
         id == "LicenseRef-hf-modified-mit";
}

}  // namespace

std::string_view recognise_license(std::string_view text) {
  const auto top = top_of(text);
  for (const auto& sign : kSigns)
    if (top.find(sign.words) != std::string::npos && top.find(sign.also) != std::string::npos)
      return sign.id;
  return {};
}

bool may_be_text_of(std::string_view text, std::string_view expression) {
  const auto recognised = recognise_license(text);
  if (recognised.empty()) return true;
  const auto parsed = parse_license_expression(expression);
  return !parsed || names(*parsed, recognised);
}

}  // namespace owrd::release
