#include "daemon/core/bencode.h"

#include <charconv>
#include <optional>

namespace owrd {
namespace {

constexpr int kMostLevels = 8;

void append_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

/// Takes values off the front of a text. What it takes may be spelled in other ways than encode()
/// spells it.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool is_at_end() const { return rest_.empty(); }

  std::optional<Bencode> value(int level = 1) {
    if (rest_.empty() || level > kMostLevels) return std::nullopt;
    switch (rest_.front()) {
      case 'i':
        return number();
      case 'l':
        return list(level);
      case 'd':
        return dictionary(level);
      default:
        if (auto text = this->text()) return Bencode(std::move(*text));
        return std::nullopt;
    }
  }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<std::int64_t> digits(char end) {
    std::int64_t value = 0;
    const auto* const last = rest_.data() + rest_.size();
    const auto [stop, fault] = std::from_chars(rest_.data(), last, value);
    if (fault != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return take(end) ? std::optional(value) : std::nullopt;
  }

  std::optional<Bencode> number() {
    take('i');
    const auto value = digits('e');
    return value ? std::optional<Bencode>(*value) : std::nullopt;
  }

  std::optional<std::string> text() {
    const auto size = digits(':');
    if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > rest_.size()) return std::nullopt;
    std::string text(rest_.substr(0, static_cast<std::size_t>(*size)));
    rest_.remove_prefix(text.size());
    return text;
  }

  std::optional<Bencode> list(int level) {
    take('l');
    Bencode::List list;
    while (!take('e')) {
      auto item = value(level + 1);
      if (!item) return std::nullopt;
      list.push_back(std::move(*item));
    }
    return Bencode(std::move(list));
  }

  std::optional<Bencode> dictionary(int level) {
    take('d');
    Bencode::Dictionary dictionary;
    while (!take('e')) {
      auto key = text();
      if (!key) return std::nullopt;
      auto item = value(level + 1);
      if (!item) return std::nullopt;
      dictionary.emplace(std::move(*key), std::move(*item));
    }
    return Bencode(std::move(dictionary));
  }

  std::string_view rest_;
};

}  // namespace

Result<Bencode> Bencode::parse(std::string_view text) {
  Reader reader(text);
  auto value = reader.value();
  if (!value || !reader.is_at_end())
    return Error{ErrorCode::Corrupt, "not bencoded, or cut short, or followed by more"};
  if (value->encode() != text) return Error{ErrorCode::Corrupt, "not in canonical bencoding"};
  return std::move(*value);
}

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
