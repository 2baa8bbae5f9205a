#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace owrd {

/// A value to be bencoded (BEP 3). Dictionaries are sorted by the raw bytes of their keys, as the
/// format wants.
class Bencode {
 public:
  using List = std::vector<Bencode>;
  using Dictionary = std::map<std::string, Bencode, std::less<>>;

  Bencode(std::int64_t number) : value_(number) {}
  Bencode(std::string text) : value_(std::move(text)) {}
  Bencode(List list) : value_(std::move(list)) {}
  Bencode(Dictionary dictionary) : value_(std::move(dictionary)) {}

  /// The dictionary that this value must be.
  Dictionary& dictionary() { return std::get<Dictionary>(value_); }
  std::string encode() const;

 private:
  void append_to(std::string& out) const;
  std::variant<std::int64_t, std::string, List, Dictionary> value_;
};

}  // namespace owrd
