#pragma once

#include <cstdint>
#include <string_view>

namespace owrd::weights {

/// What follows an opcode in the stream.
enum class PickleArgument {
  None,
  Uint1,
  Uint2,
  Int4,
  Uint4,
  Uint8,
  Float8,  ///< The greatest byte first.
  Line,    ///< Up to a line feed.
  TwoLines,
  Counted1,  ///< A length of 1 byte, then so many bytes; likewise below.
  Counted4,
  Counted8,
};

struct PickleOpcode {
  std::uint8_t code;
  std::string_view name;
  PickleArgument argument;
  bool is_weights_only;  ///< PyTorch's weights_only reader knows it.
};

/// Null when protocols 0 to 5 have no such opcode.
const PickleOpcode* find_pickle_opcode(std::uint8_t code);

}  // namespace owrd::weights
