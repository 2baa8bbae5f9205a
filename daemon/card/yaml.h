#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::card {

/// A value of a YAML document. Scalars are texts, as they are written: no number is read as one.
struct YamlValue {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  std::size_t line = 0;
  std::string text = {};               ///< Of a scalar.
  std::vector<std::string> keys = {};  ///< Of a map, in the order of the document.
  std::vector<YamlValue> items = {};   ///< Of a list; of a map the values, each at its key's index.

  /// Of a map; null when it has no such key, and of all else.
  const YamlValue* find(std::string_view key) const;
};

struct YamlLimits {
  std::size_t bytes = 1 << 20;
  std::size_t depth = 32;
  std::size_t values = 200'000;
};

/// Reads one document; the first of its lines has the number `first_line`. Refuses aliases, so that
/// nothing is larger than it is written; tags of programs, keys that are twice in a map or no
/// scalars, and control characters. The error is a sentence that begins with "line 12: ".
Result<YamlValue> parse_yaml(std::string_view text, std::size_t first_line = 1,
                             const YamlLimits& limits = {});

}  // namespace owrd::card
