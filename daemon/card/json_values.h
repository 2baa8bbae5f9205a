#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::card {

/// The scalars of a JSON document, by where they are: "text_config.hidden_size", "architectures[]".
class JsonValues {
 public:
  /// At most 200,000 values, 32 deep.
  static Result<JsonValues> parse(std::string_view json);

  /// Of a list the first; none where there is something else.
  std::optional<std::string> text(const std::string& path) const;
  std::optional<std::uint64_t> number(const std::string& path) const;
  std::optional<bool> flag(const std::string& path) const;
  /// All texts at paths that begin with `prefix`, each once.
  std::vector<std::string> texts_below(const std::string& prefix) const;
  /// Whether any path begins so.
  bool has_below(const std::string& prefix) const;

 private:
  friend class JsonCollector;
  struct Value {
    enum class Kind { Text, Number, Flag, Other } kind = Kind::Other;
    std::uint64_t number = 0;
    std::string text = {};
  };
  const Value* find(const std::string& path, Value::Kind kind) const;

  std::multimap<std::string, Value> values_;
};

}  // namespace owrd::card
