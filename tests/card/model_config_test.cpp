#include "daemon/card/model_config.h"

#include <gtest/gtest.h>

namespace owrd::card {
namespace {

ModelConfig parsed(const std::string& json) {
  const auto config = parse_model_config(json);
  EXPECT_TRUE(config) << config.error().message;
  return config ? *config : ModelConfig{};
}

TEST(ModelConfig, SaysTheArchitecture) {
  const auto config = parsed(R"({"architectures": ["LlamaForCausalLM", "Other"],
    "model_type": "llama", "torch_dtype": "bfloat16", "num_hidden_layers": 32,
    "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8,
    "vocab_size": 128256, "max_position_embeddings": 131072, "_name_or_path": "acme/atlas"})");

  EXPECT_EQ(config.architecture.ShortDebugString(),
            R"(family: "llama" variant: "LlamaForCausalLM" dtype: "bfloat16" layers: 32 )"
            R"(hidden_size: 4096 attention_heads: 32 kv_heads: 8 vocabulary: 128256 )"
            R"(context_length: 131072)");
  EXPECT_EQ(config.name_or_path, "acme/atlas");
  EXPECT_FALSE(config.quantization);
  EXPECT_TRUE(config.remote_classes.empty());
}

TEST(ModelConfig, KnowsTheNamesOfOlderModels) {
  const auto gpt2 = parsed(R"({"n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024})");

  EXPECT_EQ(gpt2.architecture.ShortDebugString(),
            "layers: 12 hidden_size: 768 attention_heads: 12 context_length: 1024");
}

TEST(ModelConfig, LooksIntoTheLanguageModelOfSeveralModalities) {
  const auto config = parsed(
      R"({"model_type": "llava", "text_config": {"model_type": "llama", "num_hidden_layers": 40},
          "vision_config": {"num_hidden_layers": 24, "hidden_size": 1024}})");

  EXPECT_EQ(config.architecture.ShortDebugString(), R"(family: "llava" layers: 40)");
}

TEST(ModelConfig, LeavesOutWhatIsNoCountAndNoLine) {
  const auto config = parsed(
      R"({"num_hidden_layers": "32", "hidden_size": -1, "num_attention_heads": 3.5,
          "vocab_size": 4294967296, "model_type": "a\nb", "architectures": "x",
          "max_position_embeddings": null})");

  EXPECT_EQ(config.architecture.ByteSizeLong(), 0U);
}

TEST(ModelConfig, SaysHowItIsQuantized) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"quant_method": "gptq", "bits": 4, "group_size": 128})",
       R"(scheme: "gptq" bits: "4" group: "128")"},
      {R"({"quant_method": "bitsandbytes", "load_in_4bit": true, "load_in_8bit": false})",
       R"(scheme: "bitsandbytes" bits: "4")"},
      {R"({"quant_method": "fp8", "weight_block_size": [128, 128]})", R"(scheme: "fp8")"},
      {R"({"quant_method": "awq", "bits": 4, "group_size": -1})", R"(scheme: "awq" bits: "4")"}};
  for (const auto& [json, expected] : cases) {
    const auto config = parsed("{\"quantization_config\": " + json + "}");
    ASSERT_TRUE(config.quantization) << json;
    EXPECT_EQ(config.quantization->ShortDebugString(), expected);
  }
}

TEST(ModelConfig, NamesTheClassesWhoseCodeMustRun) {
  const auto config = parsed(
      R"({"auto_map": {"AutoConfig": "configuration_atlas.AtlasConfig",
          "AutoModel": "acme/other--modeling_atlas.AtlasModel", "AutoX": [null, "x.Y"]}})");

  EXPECT_EQ(config.remote_classes,
            (std::vector<std::string>{"configuration_atlas.AtlasConfig",
                                      "acme/other--modeling_atlas.AtlasModel", "x.Y"}));
}

TEST(ModelConfig, MustBeJsonWithoutKeysTwice) {
  EXPECT_FALSE(parse_model_config("{"));
  EXPECT_FALSE(parse_model_config(R"({"a": 1, "a": 2})"));
  EXPECT_FALSE(parse_model_config(std::string(100, '[')));
}

}  // namespace
}  // namespace owrd::card
