#include <algorithm>
#include <string>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/audit_template.h"
#include "daemon/weights/audit_text.h"
#include "daemon/weights/json_walk.h"
#include "daemon/weights/keras.h"
#include "daemon/weights/safetensors_index.h"

namespace owrd::weights {
namespace {

constexpr std::size_t kFindingLimit = 100;

/// Looks for what transformers and its likes act on, at any depth.
class ConfigVisitor : public JsonVisitor {
 public:
  Findings findings;

  Result<> on_open(const JsonPath&, JsonContainer) override { return Done{}; }
  Result<> on_close(const JsonPath&) override { return Done{}; }

  Result<> on_scalar(const JsonPath& path, const JsonScalar& scalar) override {
    if (findings.size() >= kFindingLimit) return Done{};
    if (is_under(path, "auto_map")) on_auto_map(scalar);
    const bool is_true = scalar.kind == JsonScalar::Kind::Boolean && scalar.number == 1;
    if (is_true && path.back().key == "trust_remote_code")
      findings.push_back({"config.trust-remote-code", Severity::Fail,
                          "asks its reader to run code that comes with the model"});
    if (scalar.kind == JsonScalar::Kind::String && is_template(path))
      for (auto& finding : audit_template(scalar.text)) findings.push_back(std::move(finding));
    return Done{};
  }

 private:
  static bool is_under(const JsonPath& path, std::string_view key) {
    return std::any_of(path.begin(), path.end(), [&](const auto& step) { return step.key == key; });
  }

  /// A string, or a list of {"name", "template"}.
  static bool is_template(const JsonPath& path) { return is_under(path, "chat_template"); }

  /// "file.Class", or "owner/repository--file.Class" for code of somebody else's.
  void on_auto_map(const JsonScalar& scalar) {
    if (scalar.kind != JsonScalar::Kind::String) return;
    const bool is_elsewhere = scalar.text.find("--") != scalar.text.npos;
    if (is_elsewhere)
      findings.push_back({"config.remote-code", Severity::Fail,
                          "names code of another repository to be run", quoted(scalar.text)});
    else
      findings.push_back({"config.auto-map", Severity::Warn, "names code of this release to be run",
                          quoted(scalar.text)});
  }
};

Findings audit_keras(std::string_view text) {
  Findings findings;
  const auto code = find_keras_code(text);
  if (!code) return findings;
  for (const auto& sentence : *code)
    findings.push_back({"keras.code", Severity::Fail, "has " + sentence + ", which runs code"});
  return findings;
}

}  // namespace

Findings audit_json(std::string_view name, std::string_view text) {
  ConfigVisitor visitor;
  const auto walked = walk_json(text, visitor);
  auto findings = std::move(visitor.findings);
  if (!walked)
    findings.push_back(
        {"json.invalid", Severity::Warn, "is no strict JSON", walked.error().message});
  if (name.ends_with(".index.json")) {
    const auto index = parse_shard_index(text);
    if (!index)
      findings.push_back(
          {"index.invalid", Severity::Fail, "is no index of weights", index.error().message});
  }
  if (name == "config.json" && text.find("\"class_name\"") != text.npos)
    for (auto& finding : audit_keras(text)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace owrd::weights
