#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>

#include "daemon/card/gguf_facts.h"
#include "daemon/card/json_values.h"
#include "daemon/card/model_config.h"
#include "daemon/card/said_text.h"
#include "daemon/card/schema.h"
#include "daemon/card/suggest_parts.h"
#include "daemon/card/weight_sets.h"
#include "daemon/core/ref.h"
#include "daemon/core/text.h"

namespace owrd::card {
namespace {

constexpr std::size_t kConfigLimitBytes = 4 << 20;

/// Adds what several files say of one architecture; the first that says something is believed, and
/// a number that differs from it is a contradiction.
class Merger {
 public:
  explicit Merger(Suggested& out) : out_(out) {}

  void add(const v1::Architecture& from, const std::string& source) {
    bool adds = false;
    for (const auto* field : said_fields(*from.GetDescriptor())) {
      if (field->is_repeated() || !from.GetReflection()->HasField(from, field)) continue;
      if (value_kind(*field) == ValueKind::Count)
        adds = add_count(*field, from, source) || adds;
      else
        adds = add_text(*field, from) || adds;
    }
    if (adds) out_.found.push_back("architecture: from " + source);
  }

 private:
  v1::Architecture& said() { return *out_.said.mutable_architecture(); }

  static std::uint64_t count_of(const FieldDescriptor& field, const v1::Architecture& from) {
    const auto& reflection = *from.GetReflection();
    return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ? reflection.GetUInt32(from, &field)
                                                               : reflection.GetUInt64(from, &field);
  }

  bool add_count(const FieldDescriptor& field, const v1::Architecture& from,
                 const std::string& source) {
    const auto before = count_of(field, said());
    const auto now = count_of(field, from);
    if (before == 0) {
      sources_[field.name()] = source;
      said().GetReflection()->SetUInt32(&said(), &field, static_cast<std::uint32_t>(now));
      return true;
    }
    if (before != now)
      out_.contradictions.push_back("architecture." + field.name() + ": " + std::to_string(before) +
                                    " by " + sources_[field.name()] + ", " + std::to_string(now) +
                                    " by " + source);
    return false;
  }

  bool add_text(const FieldDescriptor& field, const v1::Architecture& from) {
    const auto& reflection = *said().GetReflection();
    if (reflection.HasField(said(), &field)) return false;
    reflection.SetString(&said(), &field, from.GetReflection()->GetString(from, &field));
    return true;
  }

  Suggested& out_;
  std::map<std::string, std::string> sources_;
};

Result<std::string> read_config(const Snapshot& snapshot, const std::string& path) {
  auto text = snapshot.read(path, kConfigLimitBytes);
  if (!text) return Error{ErrorCode::NotFound, path};
  return *std::move(text);
}

std::optional<ModelConfig> read_model_config(const Snapshot& snapshot, Suggested& out) {
  const auto text = read_config(snapshot, "config.json");
  if (!text) return std::nullopt;
  auto config = parse_model_config(*text);
  if (config) return *std::move(config);
  out.passed_over.push_back("config.json: " + config.error().message);
  return std::nullopt;
}

/// What the configuration was loaded from is the model itself where no other is named as its base,
/// and when it is no folder of somebody's.
void suggest_name(const ModelConfig& config, Suggested& out) {
  const auto& from = config.name_or_path;
  const auto name = from.substr(from.rfind('/') + 1);
  if (!out.said.model().empty() || out.said.derived_from_size() > 0) return;
  if (!is_full_repository(from) || !is_valid_name(name)) return;
  out.said.set_model(name);
  out.found.emplace_back("model: from _name_or_path in config.json");
}

void suggest_tokenizer(const Snapshot& snapshot, std::vector<std::string>& classes,
                       Merger& merger) {
  const auto text = read_config(snapshot, "tokenizer_config.json");
  const auto json = text ? JsonValues::parse(*text) : Result<JsonValues>(text.error());
  if (!json) return;
  for (auto& name : json->texts_below("auto_map.")) classes.push_back(std::move(name));
  v1::Architecture tokenizer;
  const auto name = json->text("tokenizer_class").value_or("");
  if (is_said_line(name)) tokenizer.set_tokenizer(name);
  merger.add(tokenizer, "tokenizer_config.json");
}

/// "modeling_atlas.AtlasForCausalLM" is a class of modeling_atlas.py; with "acme/other--" before it
/// one of another repository.
void suggest_remote_code(const Snapshot& snapshot, const std::vector<std::string>& classes,
                         Suggested& out) {
  if (classes.empty()) return;
  auto& code = *out.said.mutable_code();
  code.set_remote_code_required(true);
  std::set<std::string> paths;
  for (const auto& name : classes) {
    const auto path = name.substr(0, name.find('.')) + ".py";
    if (name.find("--") != name.npos)
      out.passed_over.push_back("auto_map: " + quoted(name) + " is code of another repository");
    else if (has_file(snapshot, path))
      paths.insert(path);
    else
      out.contradictions.push_back("auto_map: " + quoted(path) + " is not there");
  }
  out.found.emplace_back("code.remote_code_required: by auto_map");
  if (paths.empty()) return;
  code.mutable_inference()->set_availability(v1::AVAILABILITY_IN_RELEASE);
  for (const auto& path : paths) code.mutable_inference()->add_paths(path);
}

void suggest_chat_template(const Snapshot& snapshot, Suggested& out) {
  for (const auto* path : {"chat_template.jinja", "chat_template.json"})
    if (has_file(snapshot, path)) {
      out.said.mutable_inference()->set_chat_template_path(path);
      out.found.push_back("inference.chat_template_path: " + std::string(path));
      return;
    }
}

void add_gguf(const WeightSet& set, const weights::Inventory& first, Merger& merger,
              Suggested& out) {
  if (const auto architecture = gguf_architecture(first)) merger.add(*architecture, set.name);
  const auto tag = gguf_quantization(first);
  if (tag.empty()) return;
  auto& quantization = *out.said.add_quantizations();
  quantization.set_tag(tag);
  for (const auto& file : set.files) quantization.add_paths(file);
  out.found.push_back("quantizations: from " + set.name);
}

/// Of config.json: it speaks of the weights that transformers loads, so of all but GGUF.
void add_quantization(v1::Quantization quantization, const std::vector<WeightSet>& sets,
                      Suggested& out) {
  std::set<std::string> files;
  for (const auto& set : sets)
    if (set.format != weights::Format::Gguf) files.insert(set.files.begin(), set.files.end());
  for (const auto& file : files) quantization.add_paths(file);
  *out.said.add_quantizations() = std::move(quantization);
  out.found.emplace_back("quantizations: from config.json");
}

void suggest_parameters(const std::vector<WeightSet>& sets, Suggested& out) {
  const auto parameters = count_parameters(sets);
  if (!parameters.none_because.empty())
    out.passed_over.push_back("parameters: " + parameters.none_because);
  if (!parameters.count) return;
  out.said.mutable_architecture()->set_parameters_total(*parameters.count);
  out.found.push_back("architecture.parameters_total: counted in " + parameters.by);
}

}  // namespace

void suggest_from_weights(const Snapshot& snapshot, Suggested& out) {
  Merger merger(out);
  const auto sets = complete_sets(snapshot);
  std::vector<std::string> classes;
  if (const auto config = read_model_config(snapshot, out)) {
    merger.add(config->architecture, "config.json");
    suggest_name(*config, out);
    classes = config->remote_classes;
    if (config->quantization) add_quantization(*config->quantization, sets, out);
  }
  suggest_tokenizer(snapshot, classes, merger);
  suggest_remote_code(snapshot, classes, out);
  suggest_chat_template(snapshot, out);
  for (const auto& set : sets)
    if (set.format == weights::Format::Gguf)
      add_gguf(set, snapshot.inventories().at(set.files.front()), merger, out);
  suggest_parameters(sets, out);
}

}  // namespace owrd::card
