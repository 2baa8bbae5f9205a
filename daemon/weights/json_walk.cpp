#include "daemon/weights/json_walk.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "daemon/core/text.h"

namespace owrd::weights {
namespace {

using Json = nlohmann::json;

Error invalid(std::string reason) {
  return Error{ErrorCode::InvalidInput, "JSON: " + std::move(reason)};
}

/// What nlohmann-json calls; a false answer ends its parsing.
class Walk {
 public:
  Walk(JsonVisitor& visitor, const JsonLimits& limits) : visitor_(visitor), limits_(limits) {}

  const std::optional<Error>& error() const { return error_; }

  // The names and types are those of nlohmann::json_sax.
  bool null() { return on({JsonScalar::Kind::Null}); }
  bool boolean(bool value) { return on({JsonScalar::Kind::Boolean, value ? 1U : 0U}); }
  bool number_integer(Json::number_integer_t value) {
    if (value < 0) return on({JsonScalar::Kind::Negative});
    return number_unsigned(static_cast<Json::number_unsigned_t>(value));
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return on({JsonScalar::Kind::Unsigned, value});
  }
  bool number_float(Json::number_float_t, const std::string& text) {
    return on({JsonScalar::Kind::Float, 0, text});
  }
  bool string(std::string& text) { return on({JsonScalar::Kind::String, 0, text}); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonContainer::Object); }
  bool start_array(std::size_t) { return open(JsonContainer::Array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& key) {
    if (!keys_.back().insert(key).second) return fail(invalid("key twice: " + quoted(key)));
    path_.back().key = key;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    return fail(invalid("not valid at byte " + std::to_string(position)));
  }

 private:
  /// path_ has, for each open container, the step to the value that is next or open in it.
  bool open(JsonContainer container) {
    if (!count()) return false;
    if (path_.size() >= limits_.depth)
      return fail(invalid("more than " + std::to_string(limits_.depth) + " levels"));
    if (!answer(visitor_.on_open(path_, container))) return false;
    path_.push_back({"", container == JsonContainer::Array});
    keys_.emplace_back();
    return true;
  }

  bool close() {
    path_.pop_back();
    keys_.pop_back();
    return answer(visitor_.on_close(path_));
  }

  bool on(const JsonScalar& scalar) { return count() && answer(visitor_.on_scalar(path_, scalar)); }

  bool count() {
    if (values_++ < limits_.values) return true;
    return fail(invalid("more than " + std::to_string(limits_.values) + " values"));
  }

  bool answer(const Result<>& result) { return result ? true : fail(result.error()); }

  bool fail(Error error) {
    error_ = std::move(error);
    return false;
  }

  JsonVisitor& visitor_;
  JsonLimits limits_;
  JsonPath path_;
  std::vector<std::unordered_set<std::string>> keys_;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<> walk_json(std::string_view text, JsonVisitor& visitor, const JsonLimits& limits) {
  // The library skips a mark and takes a NUL for the end.
  if (text.starts_with("\xEF\xBB\xBF")) return invalid("begins with a byte order mark");
  if (text.find('\0') != text.npos) return invalid("holds a NUL");
  Walk walk(visitor, limits);
  const bool is_whole = Json::sax_parse(text.begin(), text.end(), &walk);
  if (walk.error()) return *walk.error();
  if (!is_whole) return invalid("not valid");
  return Done{};
}

}  // namespace owrd::weights
