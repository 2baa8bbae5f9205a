// What is accepted reads as the same when it is written in the plainest of YAML; an error is one
// line.
#include <cstdint>
#include <cstdlib>

#include "daemon/card/front_matter.h"

namespace {

using owrd::card::FrontMatter;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == '\x7f') {
      constexpr char kHex[] = "0123456789abcdef";
      out += std::string("\\x") + kHex[letter / 16 % 16] + kHex[letter % 16];
    } else {
      out += letter == '"' || letter == '\\' ? std::string("\\") + letter : std::string(1, letter);
    }
  }
  return out + '"';
}

std::string line_of(const char* key, const std::string& text) {
  return text.empty() ? "" : std::string(key) + ": " + quoted(text) + "\n";
}

std::string lines_of(const char* key, const std::vector<std::string>& texts) {
  std::string out = std::string(key) + ":\n";
  for (const auto& text : texts) out += "- " + quoted(text) + "\n";
  return out;
}

std::string written(const FrontMatter& front_matter) {
  return "---\n" + line_of("license", front_matter.license) +
         line_of("license_name", front_matter.license_name) +
         line_of("license_link", front_matter.license_link) +
         lines_of("base_model", front_matter.base_models) +
         line_of("base_model_relation", front_matter.base_model_relation) +
         lines_of("datasets", front_matter.datasets) +
         lines_of("language", front_matter.languages) +
         line_of("library_name", front_matter.runtime_library) +
         line_of("pipeline_tag", front_matter.pipeline_tag) + lines_of("tags", front_matter.tags) +
         lines_of("metrics", front_matter.metrics) + "---\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto front_matter = owrd::card::parse_front_matter(text, "f");
  if (!front_matter) {
    const auto& message = front_matter.error().message;
    if (!message.starts_with("f:") || message.find_first_of("\n\x1b") != message.npos) std::abort();
    return 0;
  }
  const auto again = owrd::card::parse_front_matter(written(*front_matter), "f");
  if (!again || written(*again) != written(*front_matter)) std::abort();
  return 0;
}
