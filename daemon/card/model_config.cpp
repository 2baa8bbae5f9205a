#include "daemon/card/model_config.h"

#include <initializer_list>
#include <limits>

#include "daemon/card/json_values.h"
#include "daemon/card/said_text.h"

namespace owrd::card {
namespace {

/// The names of transformers' classes for one thing, the usual one first (PretrainedConfig's
/// attribute_map and the configurations of GPT-2, Falcon, T5 and MPT).
using Names = std::initializer_list<const char*>;

/// Models of several modalities have what the language model is in a table of its own.
constexpr const char* kTables[] = {"", "text_config.", "llm_config.", "language_config.",
                                   "language."};

std::uint32_t count_of(const JsonValues& json, Names names) {
  for (const std::string table : kTables)
    for (const auto* name : names)
      if (const auto number = json.number(table + name))
        return *number <= std::numeric_limits<std::uint32_t>::max()
                   ? static_cast<std::uint32_t>(*number)
                   : 0;
  return 0;
}

std::string text_of(const JsonValues& json, Names names) {
  for (const std::string table : kTables)
    for (const auto* name : names)
      if (const auto text = json.text(table + name); text && is_said_line(*text)) return *text;
  return "";
}

v1::Architecture architecture_of(const JsonValues& json) {
  v1::Architecture out;
  out.set_family(text_of(json, {"model_type"}));
  out.set_variant(text_of(json, {"architectures[]"}));
  out.set_dtype(text_of(json, {"dtype", "torch_dtype"}));
  out.set_layers(count_of(json, {"num_hidden_layers", "n_layer", "n_layers", "num_layers"}));
  out.set_hidden_size(count_of(json, {"hidden_size", "n_embd", "d_model"}));
  out.set_attention_heads(
      count_of(json, {"num_attention_heads", "n_head", "n_heads", "num_heads"}));
  out.set_kv_heads(count_of(json, {"num_key_value_heads", "num_kv_heads", "n_head_kv"}));
  out.set_vocabulary(count_of(json, {"vocab_size"}));
  out.set_context_length(
      count_of(json, {"max_position_embeddings", "n_positions", "max_seq_len", "seq_length"}));
  return out;
}

/// Of a number, its digits; empty when there is none, or 0.
std::string digits_of(const JsonValues& json, const std::string& path) {
  const auto number = json.number(path).value_or(0);
  return number == 0 ? "" : std::to_string(number);
}

std::string bits_of(const JsonValues& json, const std::string& table) {
  if (json.flag(table + "load_in_4bit").value_or(false)) return "4";
  if (json.flag(table + "load_in_8bit").value_or(false)) return "8";
  return digits_of(json, table + "bits");
}

std::optional<v1::Quantization> quantization_of(const JsonValues& json) {
  for (const std::string outer : kTables) {
    const auto table = outer + "quantization_config.";
    if (!json.has_below(table)) continue;
    v1::Quantization out;
    const auto method = json.text(table + "quant_method").value_or("");
    if (is_said_line(method)) out.set_scheme(method);
    out.set_bits(bits_of(json, table));
    out.set_group(digits_of(json, table + "group_size"));
    return out;
  }
  return std::nullopt;
}

}  // namespace

Result<ModelConfig> parse_model_config(std::string_view text) {
  const auto json = JsonValues::parse(text);
  if (!json) return json.error();
  ModelConfig config;
  config.architecture = architecture_of(*json);
  config.quantization = quantization_of(*json);
  config.remote_classes = json->texts_below("auto_map.");
  config.name_or_path = json->text("_name_or_path").value_or("");
  return config;
}

}  // namespace owrd::card
