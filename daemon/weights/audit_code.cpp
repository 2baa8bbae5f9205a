#include "daemon/weights/audit_code.h"

#include <algorithm>
#include <string>

#include "daemon/core/text.h"
#include "daemon/weights/little_endian.h"

namespace owrd::weights {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::string_view bytes;
  std::string_view what;
};

constexpr Mark kBinaries[] = {
    {"\x7F"
     "ELF"sv,
     "an ELF program"},
    {"\0asm"sv, "a WebAssembly program"},
    {"\xFE\xED\xFA\xCE"sv, "a Mach-O program"},
    {"\xFE\xED\xFA\xCF"sv, "a Mach-O program"},
    {"\xCE\xFA\xED\xFE"sv, "a Mach-O program"},
    {"\xCF\xFA\xED\xFE"sv, "a Mach-O program"},
    {"\xCA\xFE\xBA\xBE"sv, "a Java class or a Mach-O program of several kinds"},
};

constexpr Mark kArchives[] = {
    {"7z\xBC\xAF\x27\x1C"sv, "a 7z archive"},
    {"Rar!\x1A\x07"sv, "a RAR archive"},
    {"\xFD"
     "7zXZ\0"sv,
     "an xz file"},
    {"\x1F\x8B"sv, "a gzip file"},
    {"BZh"sv, "a bzip2 file"},
    {"\x28\xB5\x2F\xFD"sv, "a zstd file"},
    {"\x04\x22\x4D\x18"sv, "an lz4 file"},
    {"MSCF"sv, "a cabinet archive"},
};

constexpr std::string_view kNames[] = {
    ".so",  ".dylib", ".dll", ".pyd", ".exe", ".whl", ".sh",  ".bat", ".cmd", ".ps1",
    ".jar", ".node",  ".pyc", ".vbs", ".msi", ".com", ".scr", ".apk", ".egg", ".ko",
};

constexpr std::string_view kArchiveNames[] = {
    ".7z",   ".rar", ".tar", ".tgz", ".gz", ".gzip", ".xz",
    ".lzma", ".bz2", ".zst", ".lz4", ".z",  ".zip",
};

/// "libcudart.so.12" is one, too.
bool has_code_name(const std::string& lower) {
  if (lower.find(".so.") != lower.npos) return true;
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view end) { return lower.ends_with(end); });
}

/// "MZ", and behind it the place of "PE\0\0", or the text that DOS would show.
bool is_pe(ByteView head) {
  const auto text = as_text(head);
  if (!text.starts_with("MZ") || head.size() < 64) return false;
  const auto place = little_endian(head, 0x3C, 4);
  if (place <= head.size() - 4 && place < head.size())
    return text.substr(static_cast<std::size_t>(place)).starts_with("PE\0\0"sv);
  return text.find("This program") != text.npos;
}

}  // namespace

Findings audit_code(std::string_view name, ByteView head) {
  Findings findings;
  const auto text = as_text(head);
  for (const auto& mark : kBinaries)
    if (text.starts_with(mark.bytes))
      findings.push_back({"native.binary", Severity::Fail, "is " + std::string(mark.what)});
  if (is_pe(head)) findings.push_back({"native.binary", Severity::Fail, "is a Windows program"});
  if (text.starts_with("#!/") || text.starts_with("#! /"))
    findings.push_back(
        {"native.script", Severity::Warn, "is a script", quoted(text.substr(0, text.find('\n')))});
  const auto lower = ascii_lower(name);
  if (has_code_name(lower))
    findings.push_back({"native.name", Severity::Fail, "has the name of a program"});
  if (lower.ends_with(".py")) findings.push_back({"code.python", Severity::Warn, "is Python code"});
  if (lower.ends_with(".ipynb"))
    findings.push_back({"code.notebook", Severity::Warn, "is a notebook with code"});
  return findings;
}

Findings audit_opaque(std::string_view name, ByteView head) {
  const auto text = as_text(head);
  const auto opaque = [](std::string_view what) {
    return Findings{{"archive.opaque", Severity::Fail,
                     "is " + std::string(what) + ", which cannot be looked into"}};
  };
  for (const auto& mark : kArchives)
    if (text.starts_with(mark.bytes)) return opaque(mark.what);
  if (text.size() > 262 && text.substr(257, 5) == "ustar") return opaque("a tar archive");
  const auto lower = ascii_lower(name);
  const bool is_named = std::any_of(std::begin(kArchiveNames), std::end(kArchiveNames),
                                    [&](std::string_view end) { return lower.ends_with(end); });
  return is_named ? opaque("an archive or compressed by its name") : Findings();
}

}  // namespace owrd::weights
