#pragma once

#include <cstdint>
#include <string_view>

namespace owrd::weights {

/// How ggml stores a type: `block_elements` of a row in `block_bytes`.
struct GgmlType {
  std::uint32_t id;
  std::string_view name;
  std::uint64_t block_elements;
  std::uint64_t block_bytes;
};

/// Null for ids that ggml has given up or does not know; forks use others of their own.
const GgmlType* find_ggml_type(std::uint32_t id);

/// The name of general.file_type, such as "Q4_K_M" for 15; empty when it is not known (llama.cpp,
/// include/llama.h: enum llama_ftype).
std::string_view ggml_file_type(std::uint64_t id);

}  // namespace owrd::weights
