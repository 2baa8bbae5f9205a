#include "daemon/card/json_values.h"

#include <algorithm>

#include "daemon/weights/json_walk.h"

namespace owrd::card {
namespace {

std::string path_text(const weights::JsonPath& path) {
  std::string text;
  for (const auto& step : path) text += step.in_array ? "[]" : (text.empty() ? "" : ".") + step.key;
  return text;
}

}  // namespace

class JsonCollector : public weights::JsonVisitor {
 public:
  explicit JsonCollector(JsonValues& values) : values_(values) {}

  Result<> on_open(const weights::JsonPath&, weights::JsonContainer) override { return Done{}; }
  Result<> on_close(const weights::JsonPath&) override { return Done{}; }
  Result<> on_scalar(const weights::JsonPath& path, const weights::JsonScalar& scalar) override {
    values_.values_.emplace(path_text(path), value_of(scalar));
    return Done{};
  }

 private:
  static JsonValues::Value value_of(const weights::JsonScalar& scalar) {
    using Kind = weights::JsonScalar::Kind;
    switch (scalar.kind) {
      case Kind::String:
        return {JsonValues::Value::Kind::Text, 0, std::string(scalar.text)};
      case Kind::Unsigned:
        return {JsonValues::Value::Kind::Number, scalar.number};
      case Kind::Boolean:
        return {JsonValues::Value::Kind::Flag, scalar.number};
      default:
        return {};
    }
  }

  JsonValues& values_;
};

Result<JsonValues> JsonValues::parse(std::string_view json) {
  JsonValues values;
  JsonCollector collector(values);
  if (const auto done = weights::walk_json(json, collector, {.depth = 32, .values = 200'000});
      !done)
    return done.error();
  return values;
}

const JsonValues::Value* JsonValues::find(const std::string& path, Value::Kind kind) const {
  const auto found = values_.lower_bound(path);
  const bool is_there = found != values_.end() && found->first == path;
  return is_there && found->second.kind == kind ? &found->second : nullptr;
}

std::optional<std::string> JsonValues::text(const std::string& path) const {
  const auto* value = find(path, Value::Kind::Text);
  return value ? std::optional(value->text) : std::nullopt;
}

std::optional<std::uint64_t> JsonValues::number(const std::string& path) const {
  const auto* value = find(path, Value::Kind::Number);
  return value ? std::optional(value->number) : std::nullopt;
}

std::optional<bool> JsonValues::flag(const std::string& path) const {
  const auto* value = find(path, Value::Kind::Flag);
  return value ? std::optional(value->number != 0) : std::nullopt;
}

std::vector<std::string> JsonValues::texts_below(const std::string& prefix) const {
  std::vector<std::string> texts;
  for (auto at = values_.lower_bound(prefix); at != values_.end() && at->first.starts_with(prefix);
       ++at)
    if (at->second.kind == Value::Kind::Text &&
        std::find(texts.begin(), texts.end(), at->second.text) == texts.end())
      texts.push_back(at->second.text);
  return texts;
}

bool JsonValues::has_below(const std::string& prefix) const {
  const auto at = values_.lower_bound(prefix);
  return at != values_.end() && at->first.starts_with(prefix);
}

}  // namespace owrd::card
