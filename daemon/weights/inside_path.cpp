#include "daemon/weights/inside_path.h"

#include "daemon/core/text.h"

namespace owrd::weights {

bool is_inside_path(std::string_view path) {
  if (path.empty() || !is_plain_line(path)) return false;
  if (path.find('\\') != path.npos || path.find(':') != path.npos) return false;
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace owrd::weights
