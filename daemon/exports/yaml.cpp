#include "daemon/exports/yaml.h"

#include <cassert>

namespace owrd::exports {
namespace {

void append_members(std::string& out, const Json& object, std::size_t indent, bool is_first_placed);

/// A value after "key:" or "-". JSON's texts, numbers and empty containers are YAML's.
void append_value(std::string& out, const Json& value, std::size_t indent) {
  if (!value.is_structured() || value.empty()) {
    out += " " + compact(value) + "\n";
  } else if (value.is_object()) {
    out += "\n";
    append_members(out, value, indent, /*is_first_placed=*/false);
  } else {
    out += "\n";
    for (const auto& element : value) {
      out += std::string(indent, ' ') + "-";
      if (element.is_object() && !element.empty()) {
        out += " ";
        append_members(out, element, indent + 2, /*is_first_placed=*/true);
      } else {
        append_value(out, element, indent + 2);
      }
    }
  }
}

/// `is_first_placed`: the first key goes where the text ends, after "- ".
void append_members(std::string& out, const Json& object, std::size_t indent,
                    bool is_first_placed) {
  for (const auto& [key, value] : object.items()) {
    out += is_first_placed ? "" : std::string(indent, ' ');
    is_first_placed = false;
    out += key + ":";
    append_value(out, value, indent + 2);
  }
}

}  // namespace

std::string to_yaml(const Json& object) {
  assert(object.is_object());
  std::string out;
  append_members(out, object, 0, /*is_first_placed=*/false);
  return out;
}

}  // namespace owrd::exports
