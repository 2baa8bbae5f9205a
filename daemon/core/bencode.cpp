#include "daemon/core/bencode.h"

namespace owrd {
namespace {

void append_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace

std::string Bencode::encode() const {
  std::string out;
  append_to(out);
  return out;
}

void Bencode::append_to(std::string& out) const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    out += 'i' + std::to_string(*number) + 'e';
  } else if (const auto* text = std::get_if<std::string>(&value_)) {
    append_text(out, *text);
  } else if (const auto* list = std::get_if<List>(&value_)) {
    out += 'l';
    for (const auto& item : *list) item.append_to(out);
    out += 'e';
  } else {
    out += 'd';
    for (const auto& [key, item] : std::get<Dictionary>(value_)) {
      append_text(out, key);
      item.append_to(out);
    }
    out += 'e';
  }
}

}  // namespace owrd
