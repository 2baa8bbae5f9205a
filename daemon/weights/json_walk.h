#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::weights {

/// One step from a JSON container to a value in it.
struct JsonStep {
  std::string key;  ///< Empty in an array.
  bool in_array = false;
};
/// From the top of a document to a value; empty for the top itself.
using JsonPath = std::vector<JsonStep>;

/// A value that holds no others.
struct JsonScalar {
  enum class Kind { Null, Boolean, Unsigned, Negative, Float, String };
  Kind kind = Kind::Null;
  std::uint64_t number = 0;    ///< Of Unsigned, and 0 or 1 of Boolean.
  std::string_view text = {};  ///< Of String, and of Float as it is written.
};

enum class JsonContainer { Object, Array };

/// Is told what a document holds, in its order. An error ends the walk and is what it answers.
class JsonVisitor {
 public:
  JsonVisitor() = default;
  JsonVisitor(const JsonVisitor&) = delete;
  JsonVisitor& operator=(const JsonVisitor&) = delete;
  virtual ~JsonVisitor() = default;

  virtual Result<> on_open(const JsonPath& path, JsonContainer container) = 0;
  virtual Result<> on_close(const JsonPath& path) = 0;
  virtual Result<> on_scalar(const JsonPath& path, const JsonScalar& scalar) = 0;
};

struct JsonLimits {
  std::size_t depth = 64;
  std::size_t values = 16'000'000;
};

/// Walks a document by RFC 8259 and no more: no byte order mark, no comments, no NUL, nothing
/// behind the value. Refuses a key that is twice in one object, which readers take in different
/// ways. Needs memory for the keys of the open objects alone.
Result<> walk_json(std::string_view text, JsonVisitor& visitor, const JsonLimits& limits = {});

}  // namespace owrd::weights
