#include "daemon/release/path_rules.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "daemon/core/text.h"
#include "daemon/release/unicode.h"

namespace owrd::release {
namespace {

using Fault = std::optional<std::string>;

constexpr std::size_t kMaxPathBytes = 1024;
constexpr std::size_t kMaxElementBytes = 255;
constexpr std::size_t kMaxElements = 8;
constexpr std::string_view kForbidden = ":*?\"<>|\\";

Error file_error(std::string_view path, const std::string& fault) {
  return Error{ErrorCode::InvalidInput, "file " + quoted(path) + ": " + fault,
               "rename it, or move it up: names are refused that another system could not hold or "
               "a person could "
               "misread"};
}

// Windows opens a device under these names in every directory, whatever follows the first dot.
bool is_reserved_on_windows(std::string_view element) {
  auto stem = element.substr(0, element.find('.'));
  while (!stem.empty() && stem.back() == ' ') stem.remove_suffix(1);
  const auto name = ascii_lower(stem);
  for (const char* device : {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"})
    if (name == device) return true;
  if (!name.starts_with("com") && !name.starts_with("lpt")) return false;
  const auto port = name.substr(3);
  if (port.size() == 1) return port[0] >= '0' && port[0] <= '9';
  return port == "¹" || port == "²" || port == "³";
}

Fault character_fault(std::u32string_view characters) {
  for (const char32_t character : characters) {
    if (const char* kind = deceptive_kind(character)) return std::string("holds ") + kind;
    if (character < 0x80 && kForbidden.find(static_cast<char>(character)) != kForbidden.npos)
      return std::string("holds the character ") + static_cast<char>(character) +
             ", which is not portable";
  }
  return std::nullopt;
}

Fault element_fault(std::string_view element) {
  if (element.empty()) return "has an empty element";
  if (element == "." || element == "..") return "has the element " + quoted(element);
  if (element.size() > kMaxElementBytes) return "has an element of more than 255 bytes";
  if (element.back() == '.' || element.back() == ' ')
    return "has an element that ends in a dot or a space";
  if (is_reserved_on_windows(element))
    return "has the element " + quoted(element) + ", a device name on Windows";
  return std::nullopt;
}

Fault elements_fault(std::string_view path) {
  for (std::size_t count = 1;; ++count) {
    if (count > kMaxElements) return "has more than 8 elements";
    const auto slash = path.find('/');
    if (auto fault = element_fault(path.substr(0, slash))) return fault;
    if (slash == path.npos) return std::nullopt;
    path.remove_prefix(slash + 1);
  }
}

/// Every file and directory seen so far, by what a case-insensitive file system makes of its name.
class Names {
 public:
  Result<> add(const std::string& path) {
    for (auto end = path.find('/'); end != path.npos; end = path.find('/', end + 1))
      if (auto added = add_name(path, path.substr(0, end), /*is_file=*/false); !added) return added;
    return add_name(path, path, /*is_file=*/true);
  }

 private:
  struct Name {
    std::string spelling;
    bool is_file;
  };

  Result<> add_name(const std::string& path, const std::string& name, bool is_file) {
    const auto [place, is_new] = names_.try_emplace(to_folded_nfc(name), Name{name, is_file});
    if (is_new) return Done{};
    const Name& known = place->second;
    if (known.spelling != name)
      return file_error(path, "differs from " + quoted(known.spelling) + " only by letter case");
    if (known.is_file != is_file)
      return file_error(path, quoted(name) + " is a directory and a file");
    if (is_file) return file_error(path, "is listed twice");
    return Done{};
  }

  std::unordered_map<std::string, Name> names_;
};

// '/' comes before every byte, so that comparing bytes is comparing elements.
int rank(char c) { return c == '/' ? -1 : static_cast<unsigned char>(c); }

}  // namespace

std::optional<std::string> find_path_fault(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > kMaxPathBytes) return "is longer than 1024 bytes";
  if (path.front() == '/') return "is absolute";
  const auto characters = decode_utf8(path);
  if (!characters) return "is not valid UTF-8";
  if (auto fault = character_fault(*characters)) return fault;
  if (auto fault = elements_fault(path)) return fault;
  if (to_nfc(path) != path) return "is not in the Unicode normal form NFC";
  return std::nullopt;
}

Result<> check_path(std::string_view path) {
  if (const auto fault = find_path_fault(path)) return file_error(path, *fault);
  return Done{};
}

Result<> check_paths(const std::vector<std::string>& paths) {
  Names names;
  for (const auto& path : paths) {
    if (auto checked = check_path(path); !checked) return checked;
    if (auto added = names.add(path); !added) return added;
  }
  return Done{};
}

bool tree_order(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return rank(x) < rank(y); });
}

}  // namespace owrd::release
