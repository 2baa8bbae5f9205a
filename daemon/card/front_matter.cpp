#include "daemon/card/front_matter.h"

#include <algorithm>

#include "daemon/card/yaml.h"

namespace owrd::card {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpace = " \t\r\n\v\f";

/// The lines of a text, by any of the three ends that lines have.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  std::size_t number() const { return number_; }
  /// None behind the last one.
  std::optional<std::string_view> next() {
    if (at_ >= text_.size()) return std::nullopt;
    const auto end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    const auto line = text_.substr(at_, end - at_);
    at_ = text_.substr(end).starts_with("\r\n") ? end + 2 : end + 1;
    ++number_;
    return line;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

std::string_view trimmed_end(std::string_view line) {
  const auto last = line.find_last_not_of(" \t");
  return line.substr(0, last == line.npos ? 0 : last + 1);
}

/// Fills in a FrontMatter; keeps the first thing that is wrong.
class Reader {
 public:
  Reader(const YamlValue& map, std::string_view file_name) : map_(map), file_name_(file_name) {}

  const std::optional<Error>& error() const { return error_; }

  std::string text(const char* key) {
    const auto* value = map_.find(key);
    if (!value || value->kind == YamlValue::Kind::Null) return "";
    if (value->kind == YamlValue::Kind::List && value->items.size() == 1) value = &value->items[0];
    if (value->kind != YamlValue::Kind::Scalar) fail(*value, key, "must be a text");
    return value->text;
  }

  /// One text, or a list of them.
  std::vector<std::string> texts(const char* key) {
    const auto* value = map_.find(key);
    if (!value || value->kind == YamlValue::Kind::Null) return {};
    if (value->kind == YamlValue::Kind::Scalar) return {value->text};
    if (value->kind != YamlValue::Kind::List)
      fail(*value, key, "must be a text or a list of texts");
    std::vector<std::string> all;
    for (const auto& item : value->items) {
      if (item.kind == YamlValue::Kind::Null) continue;
      if (item.kind != YamlValue::Kind::Scalar) fail(item, key, "must be a list of texts");
      all.push_back(item.text);
    }
    return all;
  }

 private:
  void fail(const YamlValue& value, const char* key, const char* what) {
    if (error_) return;
    error_ = Error{ErrorCode::InvalidInput, file_name_ + ":" + std::to_string(value.line) + ": " +
                                                key + " in the front matter " + what};
  }

  const YamlValue& map_;
  std::string file_name_;
  std::optional<Error> error_;
};

Error unreadable(std::string_view file_name, const std::string& what) {
  return {ErrorCode::InvalidInput,
          std::string(file_name) + ": the front matter could not be read: " + what,
          "it is the YAML between the two lines of --- at the top of " + std::string(file_name)};
}

/// Line ends as YAML has them in all of its versions.
std::string with_newlines(std::string_view text) {
  std::string out;
  Lines lines(text);
  while (const auto line = lines.next()) out += std::string(*line) + '\n';
  return out;
}

}  // namespace

std::optional<FrontMatterPlace> find_front_matter(std::string_view card) {
  if (card.starts_with(kByteOrderMark)) card.remove_prefix(kByteOrderMark.size());
  Lines lines(card);
  auto line = lines.next();
  while (line && line->find_first_not_of(kSpace) == line->npos) line = lines.next();
  if (!line || line->substr(std::min(line->find_first_not_of(kSpace), line->size())) != "---")
    return std::nullopt;
  const auto begin = lines.at();
  const auto first_line = lines.number() + 1;
  for (auto end = begin; (line = lines.next()); end = lines.at())
    if (trimmed_end(*line) == "---")
      return FrontMatterPlace{card.substr(begin, end - begin), first_line};
  return std::nullopt;
}

Result<FrontMatter> parse_front_matter(std::string_view card, std::string_view file_name) {
  if (card.size() > kCardLimitBytes)
    return Error{ErrorCode::InvalidInput, std::string(file_name) + ": longer than 8 MiB"};
  const auto place = find_front_matter(card);
  if (!place) return FrontMatter{};
  const auto map = parse_yaml(with_newlines(place->yaml), place->first_line);
  if (!map) return unreadable(file_name, map.error().message);
  if (map->kind == YamlValue::Kind::Null) return FrontMatter{};
  if (map->kind != YamlValue::Kind::Map) return unreadable(file_name, "it has no keys");

  Reader reader(*map, file_name);
  FrontMatter out;
  out.license = reader.text("license");
  out.license_name = reader.text("license_name");
  out.license_link = reader.text("license_link");
  out.base_models = reader.texts("base_model");
  out.base_model_relation = reader.text("base_model_relation");
  out.datasets = reader.texts("datasets");
  out.languages = reader.texts("language");
  out.runtime_library = reader.text("library_name");
  out.pipeline_tag = reader.text("pipeline_tag");
  out.tags = reader.texts("tags");
  out.metrics = reader.texts("metrics");
  if (const auto* index = map->find("model-index"); index && index->kind != YamlValue::Kind::Null)
    out.evaluation = read_model_index(*index, file_name);
  if (reader.error()) return *reader.error();
  return out;
}

release::CardFacts card_facts(const FrontMatter& front_matter) {
  return {front_matter.license, front_matter.license_name, front_matter.base_models,
          front_matter.datasets};
}

}  // namespace owrd::card
