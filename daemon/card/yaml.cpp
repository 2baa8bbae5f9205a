#include "daemon/card/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cassert>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "daemon/core/text.h"

namespace owrd::card {
namespace {

Error fault(std::size_t line, const std::string& what) {
  return {ErrorCode::InvalidInput, "line " + std::to_string(line) + ": " + what};
}

/// Ends the parsing; yaml-cpp lets it pass.
struct Refused {
  Error error;
};

/// No tag, or one of the schema that all readers know.
bool is_core_tag(std::string_view tag) {
  constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
  if (tag.empty() || tag == "?" || tag == "!") return true;
  if (!tag.starts_with(kPrefix)) return false;
  tag.remove_prefix(kPrefix.size());
  return tag == "str" || tag == "int" || tag == "float" || tag == "bool" || tag == "null" ||
         tag == "seq" || tag == "map" || tag == "timestamp";
}

/// Builds the tree of what the parser tells.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::size_t first_line, const YamlLimits& limits)
      : first_line_(first_line), limits_(limits) {}

  YamlValue take() { return std::move(top_); }
  std::size_t line_of(const YAML::Mark& mark) const {
    return first_line_ + static_cast<std::size_t>(std::max(mark.line, 0));
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override { assert(open_.empty()); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    add(mark, "?", YamlValue::Kind::Null);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "has an alias (*), which is not read");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    if (is_at_key()) return add_key(mark, text);
    add(mark, tag, YamlValue::Kind::Scalar).text = text;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, add(mark, tag, YamlValue::Kind::List));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, add(mark, tag, YamlValue::Kind::Map));
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  /// A list or map that is not closed yet. What is open does not move: only the last value of an
  /// open one has others inside.
  struct Open {
    YamlValue* value;
    std::unordered_set<std::string> keys = {};
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) const {
    throw Refused{fault(line_of(mark), what)};
  }

  bool is_at_key() const {
    if (open_.empty() || open_.back().value->kind != YamlValue::Kind::Map) return false;
    const auto& map = *open_.back().value;
    return map.keys.size() == map.items.size();
  }

  void open(const YAML::Mark& mark, YamlValue& value) {
    if (open_.size() >= limits_.depth)
      refuse(mark, "is nested more than " + std::to_string(limits_.depth) + " deep");
    open_.push_back({&value});
  }

  void add_key(const YAML::Mark& mark, const std::string& key) {
    auto& map = *open_.back().value;
    if (!open_.back().keys.insert(key).second) refuse(mark, quoted(key) + " is there twice");
    map.keys.push_back(key);
  }

  YamlValue& add(const YAML::Mark& mark, const std::string& tag, YamlValue::Kind kind) {
    if (++values_ > limits_.values)
      refuse(mark, "has more than " + std::to_string(limits_.values) + " values");
    if (!is_core_tag(tag)) refuse(mark, "has the tag " + quoted(tag) + ", which is not read");
    if (is_at_key()) refuse(mark, "has a key that is no text");
    auto& value = next();
    value.kind = kind;
    value.line = line_of(mark);
    return value;
  }

  YamlValue& next() { return open_.empty() ? top_ : open_.back().value->items.emplace_back(); }

  std::size_t first_line_;
  YamlLimits limits_;
  YamlValue top_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
};

/// The parser's messages quote the document here and there.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

Result<> check_text(std::string_view text, std::size_t first_line, const YamlLimits& limits) {
  if (text.size() > limits.bytes)
    return fault(first_line, "longer than " + std::to_string(limits.bytes) + " bytes");
  if (!is_valid_utf8(text)) return fault(first_line, "not valid UTF-8");
  std::size_t line = first_line;
  for (const char letter : text) {
    line += letter == '\n' ? 1 : 0;
    const bool prints = static_cast<unsigned char>(letter) >= 0x20 && letter != '\x7f';
    if (!prints && letter != '\n' && letter != '\r' && letter != '\t')
      return fault(line, "has a control character");
  }
  return Done{};
}

}  // namespace

const YamlValue* YamlValue::find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

Result<YamlValue> parse_yaml(std::string_view text, std::size_t first_line,
                             const YamlLimits& limits) {
  if (const auto good = check_text(text, first_line, limits); !good) return good.error();
  Builder builder(first_line, limits);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
    YamlValue value = builder.take();
    if (parser.HandleNextDocument(builder))
      return fault(first_line, "has a second document (---), which is not read");
    return value;
  } catch (const Refused& refused) {
    return refused.error;
  } catch (const YAML::Exception& error) {
    return fault(builder.line_of(error.mark), printable(error.msg));
  }
}

}  // namespace owrd::card
