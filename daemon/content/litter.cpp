#include "daemon/content/litter.h"

#include "daemon/content/files.h"

namespace owrd::content {
namespace {

struct Litter {
  std::string_view name;
  std::string_view reason;
};

constexpr Litter kNames[] = {
    {".git", "version control"},
    {".gitignore", "version control"},
    {".gitattributes", "version control"},
    {".gitmodules", "version control"},
    {".hg", "version control"},
    {".svn", "version control"},
    {".cache", "a cache"},
    {".owrd-partial", "an unfinished download"},
    {"__pycache__", "a cache"},
    {".ipynb_checkpoints", "left by an editor"},
    {".DS_Store", "left by the system"},
    {"Thumbs.db", "left by the system"},
    {"desktop.ini", "left by the system"},
    {"lost+found", "left by the system"},
};
constexpr Litter kBeginnings[] = {
    {"._", "left by the system"},
    {".#", "left by an editor"},
    {kTemporaryPrefix, "an unfinished file of owrd"},
};
constexpr Litter kEndings[] = {
    {"~", "left by an editor"},
    {".swp", "left by an editor"},
    {".swo", "left by an editor"},
};

}  // namespace

std::string_view litter_reason(std::string_view name) {
  for (const auto& litter : kNames)
    if (name == litter.name) return litter.reason;
  for (const auto& litter : kBeginnings)
    if (name.starts_with(litter.name)) return litter.reason;
  for (const auto& litter : kEndings)
    if (name.ends_with(litter.name)) return litter.reason;
  return {};
}

}  // namespace owrd::content
