#include "daemon/exports/sha256sums.h"

namespace owrd::exports {
namespace {

std::string escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string sha256sums_line(const Digest& sha256, std::string_view path) {
  const auto name = path == "-" ? "./-" : escaped(path);
  const bool is_escaped = name.find('\\') != name.npos;
  return (is_escaped ? "\\" : "") + sha256.to_hex() + "  " + name + "\n";
}

Exported sha256sums(const release::Manifest& manifest) {
  std::string text;
  for (const auto& file : manifest.files()) text += sha256sums_line(file.sha256, file.path);
  return {"text/plain; charset=utf-8", "SHA256SUMS", to_bytes(text)};
}

}  // namespace owrd::exports
