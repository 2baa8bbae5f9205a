#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace owrd::weights {

/// Index into PickleValues.
using PickleRef = std::uint32_t;

/// What a pickle describes, never built: a call is only its callable and arguments.
struct PickleValue {
  enum class Kind : std::uint8_t {
    None,
    Boolean,     ///< number.
    Integer,     ///< number; of those over 64 bits, text holds the bytes and number is 0.
    Float,       ///< Its value is not kept.
    Text,        ///< text; empty and `is_cut` when it is longer than the walk keeps.
    Bytes,       ///< Likewise.
    Tuple,       ///< items.
    List,        ///< items.
    Dict,        ///< items: key, value, key, value.
    Set,         ///< items.
    Global,      ///< text: module and name, joined by a dot.
    Object,      ///< items: callable and arguments, then key, value, key, value.
    Persistent,  ///< items: what the reader is asked to look up.
    Unknown,     ///< What only running it could tell.
  };

  Kind kind = Kind::Unknown;
  bool is_cut = false;
  std::int64_t number = 0;
  std::string text = {};
  std::vector<PickleRef> items = {};
};

/// All values of one pickle. They may hold each other in circles: what walks them needs limits.
class PickleValues {
 public:
  /// Of values, and of places in lists and the like.
  static constexpr std::size_t kLimit = 2'000'000;
  static constexpr std::size_t kTextLimitBytes = 256 << 20;

  bool is_full() const {
    return values_.size() >= kLimit || places_ >= kLimit || text_bytes_ >= kTextLimitBytes;
  }
  PickleRef add(PickleValue value);
  void append(PickleRef container, PickleRef item);

  std::size_t size() const { return values_.size(); }
  const PickleValue& operator[](PickleRef ref) const { return values_[ref]; }

  /// The text of a Text value; empty of others.
  std::string_view text(PickleRef ref) const;
  bool is(PickleRef ref, PickleValue::Kind kind) const { return values_[ref].kind == kind; }
  /// The path of the global that an Object calls; empty of other values.
  std::string_view callable(PickleRef ref) const;

 private:
  std::vector<PickleValue> values_;
  std::size_t places_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace owrd::weights
