#include "daemon/card/gguf_facts.h"

#include <charconv>
#include <limits>

#include "daemon/card/said_text.h"

namespace owrd::card {
namespace {

using weights::Inventory;

struct FileType {
  std::uint64_t number;
  std::string_view name;
};

constexpr FileType kFileTypes[] = {
    {2, "Q4_0"},    {3, "Q4_1"},    {7, "Q8_0"},    {8, "Q5_0"},     {9, "Q5_1"},
    {10, "Q2_K"},   {11, "Q3_K_S"}, {12, "Q3_K_M"}, {13, "Q3_K_L"},  {14, "Q4_K_S"},
    {15, "Q4_K_M"}, {16, "Q5_K_S"}, {17, "Q5_K_M"}, {18, "Q6_K"},    {19, "IQ2_XXS"},
    {20, "IQ2_XS"}, {21, "Q2_K_S"}, {22, "IQ3_XS"}, {23, "IQ3_XXS"}, {24, "IQ1_S"},
    {25, "IQ4_NL"}, {26, "IQ3_S"},  {27, "IQ3_M"},  {28, "IQ2_S"},   {29, "IQ2_M"},
    {30, "IQ4_XS"}, {31, "IQ1_M"},  {36, "TQ1_0"},  {37, "TQ2_0"},   {38, "MXFP4_MOE"}};

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, problem] = std::from_chars(digits.data(), end, number);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::string_view text_of(const Inventory& inventory, const std::string& key) {
  const auto found = inventory.metadata.find(key);
  return found == inventory.metadata.end() ? std::string_view() : found->second;
}

/// 0 where it says none; some models have a list, one for each layer.
std::uint32_t count_of(const Inventory& inventory, const std::string& key) {
  const auto number = parse_number(text_of(inventory, inventory.architecture + "." + key));
  const bool fits = number && *number <= std::numeric_limits<std::uint32_t>::max();
  return fits ? static_cast<std::uint32_t>(*number) : 0;
}

/// "[32000 x string]" is how an inventory keeps the list of tokens.
std::uint32_t vocabulary_of(const Inventory& inventory) {
  if (const auto said = count_of(inventory, "vocab_size")) return said;
  auto text = text_of(inventory, "tokenizer.ggml.tokens");
  if (!text.starts_with('[')) return 0;
  text.remove_prefix(1);
  const auto number = parse_number(text.substr(0, text.find(' ')));
  const bool fits = number && *number <= std::numeric_limits<std::uint32_t>::max();
  return fits ? static_cast<std::uint32_t>(*number) : 0;
}

}  // namespace

std::optional<v1::Architecture> gguf_architecture(const Inventory& inventory) {
  if (count_of(inventory, "block_count") == 0 || count_of(inventory, "context_length") == 0)
    return std::nullopt;
  v1::Architecture out;
  if (is_said_line(inventory.architecture)) out.set_family(inventory.architecture);
  if (is_said_line(inventory.tokenizer)) out.set_tokenizer(inventory.tokenizer);
  out.set_layers(count_of(inventory, "block_count"));
  out.set_hidden_size(count_of(inventory, "embedding_length"));
  out.set_attention_heads(count_of(inventory, "attention.head_count"));
  out.set_kv_heads(count_of(inventory, "attention.head_count_kv"));
  out.set_vocabulary(vocabulary_of(inventory));
  out.set_context_length(count_of(inventory, "context_length"));
  return out;
}

std::string gguf_quantization(const Inventory& inventory) {
  const auto number = parse_number(text_of(inventory, "general.file_type"));
  for (const auto& type : kFileTypes)
    if (number == type.number) return std::string(type.name);
  return "";
}

}  // namespace owrd::card
