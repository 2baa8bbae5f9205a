#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/core/result.h"

namespace owrd {

/// A bencoded value (BEP 3). Dictionaries are sorted by the raw bytes of their keys, as the format
/// wants.
class Bencode {
 public:
  using List = std::vector<Bencode>;
  using Dictionary = std::map<std::string, Bencode, std::less<>>;

  Bencode(std::int64_t number) : value_(number) {}
  Bencode(std::string text) : value_(std::move(text)) {}
  Bencode(List list) : value_(std::move(list)) {}
  Bencode(Dictionary dictionary) : value_(std::move(dictionary)) {}

  /// Accepts only what encode() would write, so that a value has one spelling: keys sorted and
  /// each once, no leading zeros, nothing behind it. At most 8 levels.
  static Result<Bencode> parse(std::string_view text);

  /// What this dictionary holds under the key; null when that is nothing or of another type, or
  /// this is no dictionary.
  const std::string* find_text(std::string_view key) const { return find<std::string>(key); }
  const std::int64_t* find_number(std::string_view key) const { return find<std::int64_t>(key); }

  /// The dictionary that this value must be.
  Dictionary& dictionary() { return std::get<Dictionary>(value_); }
  std::string encode() const;

 private:
  template <class T>
  const T* find(std::string_view key) const {
    const auto* dictionary = std::get_if<Dictionary>(&value_);
    if (dictionary == nullptr) return nullptr;
    const auto entry = dictionary->find(key);
    return entry == dictionary->end() ? nullptr : std::get_if<T>(&entry->second.value_);
  }
  void append_to(std::string& out) const;
  std::variant<std::int64_t, std::string, List, Dictionary> value_;
};

}  // namespace owrd
