#pragma once

#include <cstdint>
#include <optional>

namespace owrd::weights {

/// Sums and products of numbers that a stranger chose; nothing when 64 bits do not hold them.
inline std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

inline std::optional<std::uint64_t> checked_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

/// The next multiple of `step`, which is not 0.
inline std::optional<std::uint64_t> checked_round_up(std::uint64_t value, std::uint64_t step) {
  const auto over = value % step;
  return over == 0 ? value : checked_add(value, step - over);
}

}  // namespace owrd::weights
