#include "daemon/release/description.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/core/text_forms.h"

namespace owrd::release {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kMaxLineBytes = 1024;
constexpr std::size_t kMaxTextBytes = 64 * 1024;
constexpr std::size_t kMaxLicenseBytes = 256;
constexpr std::size_t kDigestBytes = 32;
constexpr int kMaxElements = 1024;
constexpr int kMaxPaths = 16384;
constexpr std::int64_t kMaxTime = 253'402'300'799;

/// Fields that may have more than one line.
const std::set<std::string_view> kTexts = {
    "biases",    "bibtex",    "calibration",  "changelog",       "collection",  "description",
    "filtering", "hardware",  "labelling",    "license_note",    "limitations", "mitigations",
    "note",      "notes",     "out_of_scope", "override_reason", "provenance",  "risks",
    "scope",     "selection", "text",         "intended_uses"};

const std::set<std::string_view> kDecimals = {
    "owrd.v1.Benchmark.value",       "owrd.v1.Benchmark.shots",
    "owrd.v1.Quantization.bits",     "owrd.v1.Quantization.group",
    "owrd.v1.TrainingStage.tokens",  "owrd.v1.TrainingStage.steps",
    "owrd.v1.TrainingRecipe.flops",  "owrd.v1.TrainingRecipe.energy_kwh",
    "owrd.v1.TrainingRecipe.co2_kg", "owrd.v1.TrainingRecipe.seed"};

Error fault(const std::string& field, const std::string& what) {
  return Error{ErrorCode::InvalidInput, field + ": " + what};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_visible(char c) { return c > ' ' && c < '\x7f'; }

/// With a scheme and "//", or a package URL; so never "javascript:".
bool is_url(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_visible)) return false;
  if (text.starts_with("pkg:")) return text.size() > 4;
  const auto colon = text.find("://");
  return colon != 0 && colon != std::string_view::npos && colon + 3 < text.size() &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
           return (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

/// "2026", "2026-03" or "2026-03-31".
bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (kForm[i] == '-' ? text[i] != '-' : !is_digit(text[i])) return false;
  return true;
}

int rank(v1::Stage stage) {
  return stage == v1::STAGE_UNSPECIFIED ? int{v1::STAGE_PUBLIC} : int{stage};
}

/// Walks over all fields of a description; each is judged by its type and name.
class Walk {
 public:
  explicit Walk(const v1::Manifest& manifest) {
    for (const auto& file : manifest.files()) paths_.insert(file.path());
  }

  Result<> run(const Message& message, const std::string& where, int first, int last) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const auto* field : fields)
      if (field->number() >= first && field->number() <= last)
        if (auto done = check_field(message, *field, where + field->name()); !done) return done;
    return Done{};
  }

 private:
  Result<> check_field(const Message& message, const FieldDescriptor& field,
                       const std::string& where) {
    if (!field.is_repeated()) return check_value(message, field, where, -1);
    const int size = message.GetReflection()->FieldSize(message, &field);
    const int limit =
        field.name() == "paths" || field.name() == "findings" ? kMaxPaths : kMaxElements;
    if (size > limit)
      return fault(where, "has " + std::to_string(size) + " elements; at most " +
                              std::to_string(limit) + " are allowed");
    for (int i = 0; i < size; ++i)
      if (auto done = check_value(message, field, where + "[" + std::to_string(i) + "]", i); !done)
        return done;
    return Done{};
  }

  /// The element `i` of a repeated field, or the value of another when `i` is negative.
  Result<> check_value(const Message& message, const FieldDescriptor& field,
                       const std::string& where, int i) {
    const auto& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return run(i < 0 ? reflection.GetMessage(message, &field)
                         : reflection.GetRepeatedMessage(message, &field, i),
                   where + ".", 0, FieldDescriptor::kMaxNumber);
      case FieldDescriptor::CPPTYPE_STRING: {
        const auto text = i < 0 ? reflection.GetString(message, &field)
                                : reflection.GetRepeatedString(message, &field, i);
        if (field.type() == FieldDescriptor::TYPE_STRING) return check_string(field, where, text);
        if (text.size() == kDigestBytes) return Done{};
        return fault(where, "expected 32 bytes");
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto time = reflection.GetInt64(message, &field);
        if (time >= 0 && time <= kMaxTime) return Done{};
        return fault(where, std::to_string(time) + " is no time between 1970 and 9999");
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = i < 0 ? reflection.GetEnumValue(message, &field)
                                : reflection.GetRepeatedEnumValue(message, &field, i);
        if (field.enum_type() != v1::Stage_descriptor() || v1::Stage_IsValid(value)) return Done{};
        return fault(where, "is no stage that this version of owrd knows");
      }
      default:
        return Done{};
    }
  }

  Result<> check_string(const FieldDescriptor& field, const std::string& where,
                        const std::string& text) {
    const bool is_text = kTexts.contains(field.name());
    const auto limit = is_text ? kMaxTextBytes : kMaxLineBytes;
    if (text.empty()) return fault(where, "is empty");
    if (text.size() > limit)
      return fault(where, "is longer than " + std::to_string(limit) + " bytes");
    if (is_text ? !is_plain_text(text) : !is_plain_line(text))
      return fault(where, quoted(text) + " has characters that do not print");
    return check_form(field, where, text);
  }

  Result<> check_form(const FieldDescriptor& field, const std::string& where,
                      const std::string& text) {
    const std::string_view name = field.name();
    if (name == "path" || name == "paths" || name.ends_with("_path")) {
      if (paths_.contains(text)) return Done{};
      return fault(where, quoted(text) + " is not among the files");
    }
    if (name == "url" || name.ends_with("_url")) {
      if (is_url(text)) return Done{};
      return fault(where, quoted(text) + " is no URL, such as https://example.org/atlas");
    }
    if (name == "license" && text.size() > kMaxLicenseBytes)
      return fault(where, "is longer than 256 bytes");
    if (name == "cutoff" && !is_date(text))
      return fault(where, quoted(text) + " is no date, such as 2026-03 or 2026-03-31");
    if (kDecimals.contains(field.full_name()) && !is_decimal(text))
      return fault(where, quoted(text) + " is no decimal number");
    return Done{};
  }

  std::unordered_set<std::string> paths_;
};

Result<> check_rollout(const v1::Manifest& message) {
  for (int i = 1; i < message.rollout_size(); ++i) {
    const auto& before = message.rollout(i - 1);
    const auto& step = message.rollout(i);
    const auto where = "rollout[" + std::to_string(i) + "]";
    if (rank(step.stage()) < rank(before.stage()))
      return fault(where, "goes back to an earlier stage");
    if (step.opens() != 0 && step.opens() < before.opens())
      return fault(where, "opens before the step before it");
  }
  return Done{};
}

Result<> check_components(const v1::Manifest& message) {
  std::set<int> seen;
  for (int i = 0; i < message.components_size(); ++i)
    if (!seen.insert(message.components(i).kind()).second)
      return fault("components[" + std::to_string(i) + "]",
                   "is of a kind that is listed before it");
  return Done{};
}

}  // namespace

Result<> check_description(const v1::Manifest& message) {
  Walk walk(message);
  if (auto done = walk.run(message, "", kFirstSaidField, kLastSaidField); !done) return done;
  if (auto done = walk.run(message.license(), "license.", 3, 6); !done) return done;
  if (auto done = check_components(message); !done) return done;
  return check_rollout(message);
}

v1::Manifest publishers_part(const v1::Manifest& message) {
  auto part = message;
  const auto& descriptor = *v1::Manifest::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const auto& field = *descriptor.field(i);
    const bool is_publishers =
        field.number() == v1::Manifest::kLicenseFieldNumber ||
        (field.number() >= kFirstSaidField && field.number() <= kLastSaidField);
    if (!is_publishers) part.GetReflection()->ClearField(&part, &field);
  }
  part.DiscardUnknownFields();
  return part;
}

}  // namespace owrd::release
