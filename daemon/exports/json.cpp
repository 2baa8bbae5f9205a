#include "daemon/exports/json.h"

#include <utility>

namespace owrd::exports {
namespace {

// Manifests hold valid UTF-8 alone; should anything else come here, it must not throw.
constexpr auto kOnBadUtf8 = Json::error_handler_t::replace;

}  // namespace

std::string compact(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, kOnBadUtf8);
}

Bytes pretty(const Json& json) {
  return to_bytes(json.dump(2, ' ', /*ensure_ascii=*/false, kOnBadUtf8) + "\n");
}

void add(Json& object, const char* name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

void add_list(Json& object, const char* name, Json list) {
  if (!list.empty()) object[name] = std::move(list);
}

}  // namespace owrd::exports
