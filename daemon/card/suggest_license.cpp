#include <algorithm>

#include "daemon/card/said_text.h"
#include "daemon/card/suggest_parts.h"
#include "daemon/core/text.h"
#include "daemon/release/license_classes.h"
#include "daemon/release/license_ids.h"
#include "daemon/release/license_text.h"

namespace owrd::card {
namespace {

constexpr std::size_t kLicenseLimitBytes = 1 << 20;

/// "LICENSE", "license.txt", "COPYING": at the top, and no notice of others' code.
bool is_license_name(const std::string& path) {
  const auto name = ascii_lower(path);
  for (const std::string stem : {"license", "licence", "copying", "model_license"})
    for (const auto* ending : {"", ".txt", ".md", ".rst", ".pdf"})
      if (name == stem + ending) return true;
  return false;
}

/// The file that the card links to, else the only one that bears the name.
std::string text_path(const Snapshot& snapshot, const FrontMatter& card, Suggested& out) {
  if (!card.license_link.empty() && has_file(snapshot, card.license_link)) return card.license_link;
  std::vector<std::string> paths;
  for (const auto& file : snapshot.files())
    if (is_license_name(file.path)) paths.push_back(file.path);
  if (paths.empty()) return "";
  if (paths.size() == 1) return paths.front();
  out.contradictions.push_back("license: its text may be " + quoted(paths[0]) + " or " +
                               quoted(paths[1]));
  return "";
}

bool is_id_string(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

bool is_spdx_id(std::string_view text) {
  const auto known = release::known_license_ids();
  return std::find(known.begin(), known.end(), text) != known.end();
}

/// By the card; for terms that SPDX has no id for, made of the name that they have there.
std::string expression_of(const FrontMatter& card, Suggested& out) {
  auto spdx = release::spdx_of_hugging_face(card.license);
  if (spdx.empty() && ascii_lower(card.license) == "other" && is_id_string(card.license_name)) {
    spdx = release::spdx_of_hugging_face(card.license_name);
    if (spdx.empty()) spdx = "LicenseRef-" + card.license_name;
  }
  if (!spdx.empty())
    out.found.emplace_back("license: from README.md");
  else if (!card.license.empty())
    out.passed_over.push_back("README.md: the license " + quoted(card.license) +
                              " has no SPDX id that is known");
  return spdx;
}

void compare_with_text(const std::string& text, Suggested& out) {
  auto& license = *out.said.mutable_license();
  const std::string recognised(release::recognise_license(text));
  if (license.spdx_expression().empty()) {
    if (!is_spdx_id(recognised)) return;
    license.set_spdx_expression(recognised);
    out.found.push_back("license: by the text of " + license.text_path());
  } else if (!release::may_be_text_of(text, license.spdx_expression())) {
    out.contradictions.push_back("license: " + license.spdx_expression() + " by README.md, " +
                                 recognised + " by the text of " + license.text_path());
  }
}

}  // namespace

void suggest_license(const Snapshot& snapshot, const FrontMatter& card, Suggested& out) {
  v1::License license;
  license.set_spdx_expression(expression_of(card, out));
  if (is_said_line(card.license_name)) license.set_name(card.license_name);
  if (is_web_address(card.license_link)) license.set_url(card.license_link);
  license.set_text_path(text_path(snapshot, card, out));
  if (license.ByteSizeLong() == 0) return;
  *out.said.mutable_license() = std::move(license);
  const auto& path = out.said.license().text_path();
  if (path.empty()) return;
  out.found.push_back("license.text_path: " + path);
  if (const auto text = snapshot.read(path, kLicenseLimitBytes)) compare_with_text(*text, out);
}

}  // namespace owrd::card
