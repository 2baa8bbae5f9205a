#include "daemon/content/roles.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace owrd::content {
namespace {

using Words = std::initializer_list<std::string_view>;

std::string lower_case_name(const std::string& path) {
  auto name = path.substr(path.rfind('/') + 1);
  for (auto& letter : name)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return name;
}

bool starts_with_one_of(std::string_view name, Words words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.starts_with(word); });
}

bool ends_with_one_of(std::string_view name, Words words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.ends_with(word); });
}

/// What runs when a runtime or a person loads it, native libraries and notebooks included.
bool is_code(std::string_view name) {
  return ends_with_one_of(name, {".py", ".cpp", ".cc", ".c", ".h", ".hpp", ".cu", ".cuh", ".rs",
                                 ".js", ".sh", ".ipynb", ".so", ".dll", ".dylib", ".bat", ".ps1"});
}

bool is_license(std::string_view name) {
  return starts_with_one_of(name, {"license", "licence", "copying", "notice", "unlicense"});
}

bool is_card(std::string_view name) {
  return name == "readme" ||
         starts_with_one_of(name, {"readme.", "model_card", "model-card", "modelcard"});
}

bool is_tokenizer(std::string_view name) {
  return starts_with_one_of(
      name, {"tokenizer", "vocab", "merges.txt", "special_tokens_map", "added_tokens",
             "chat_template", "tekken", "spiece.", "sentencepiece"});
}

bool is_config(std::string_view name) {
  return ends_with_one_of(
             name, {"config.json", ".index.json", "model_index.json", "configuration.json"}) ||
         name == "params.json";
}

}  // namespace

v1::FileRole role_of(const std::string& path, weights::Format format) {
  if (format != weights::Format::NotWeights && format != weights::Format::LfsPointer)
    return v1::FILE_ROLE_WEIGHTS;
  const auto name = lower_case_name(path);
  if (is_code(name)) return v1::FILE_ROLE_CODE;
  if (is_license(name)) return v1::FILE_ROLE_LICENSE;
  if (is_card(name)) return v1::FILE_ROLE_CARD;
  if (is_tokenizer(name)) return v1::FILE_ROLE_TOKENIZER;
  if (is_config(name)) return v1::FILE_ROLE_CONFIG;
  return v1::FILE_ROLE_OTHER;
}

}  // namespace owrd::content
