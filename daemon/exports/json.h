#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "daemon/core/bytes.h"

/// JSON whose members stay in the order in which they were added. Only for this room's own sources.
namespace owrd::exports {

using Json = nlohmann::ordered_json;

/// On one line, without spaces.
std::string compact(const Json& json);
/// Indented, with a line feed at the end.
Bytes pretty(const Json& json);

/// Adds a member, but for an empty text or list: what is not said is left out.
void add(Json& object, const char* name, std::string_view text);
void add_list(Json& object, const char* name, Json list);

/// The elements of a repeated protobuf field.
template <class Repeated>
Json list_of(const Repeated& elements) {
  auto out = Json::array();
  for (const auto& element : elements) out.push_back(element);
  return out;
}

}  // namespace owrd::exports
