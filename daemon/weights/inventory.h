#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/format.h"

namespace owrd::weights {

/// [begin, end), in bytes from the beginning of a file.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size() const { return end - begin; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct Tensor {
  std::string name;
  std::string dtype;                 ///< The format's own word: "BF16", "Q4_K", "<f4".
  std::vector<std::uint64_t> shape;  ///< The slowest dimension first, whatever the file's order is.
  std::uint32_t file = 0;            ///< Which of Inventory::files.
  /// Within that file. None when the values are not one run of plain bytes there: packed, listed
  /// one by one, kept elsewhere, or of a type whose size is not known.
  std::optional<ByteRange> bytes = std::nullopt;
};

/// The most tensors of one file; the largest releases so far have 140,000 in all.
constexpr std::uint64_t kTensorLimit = 1'000'000;

/// What readers accept and a publisher should know. `rule` is stable, such as "gguf.order".
struct Warning {
  std::string rule;
  std::string message;
};

/// What a weight file, or a set of them, says of itself.
struct Inventory {
  static constexpr std::size_t kWarningLimit = 100;

  Format format = Format::NotWeights;
  std::string version = {};       ///< Of the format, such as "3"; empty when it has none.
  std::string architecture = {};  ///< As far as known: "llama". Likewise the three below.
  std::string tokenizer = {};
  std::string chat_template = {};
  std::optional<std::uint64_t> context_length = std::nullopt;
  /// What else the file says, as text, valid UTF-8: scalars, short lists; of long lists the length.
  std::map<std::string, std::string, std::less<>> metadata = {};
  std::vector<std::string> files = {""};  ///< One empty name: the very file that was read.
  std::vector<Tensor> tensors = {};
  std::vector<Warning> warnings = {};

  /// Keeps the first kWarningLimit.
  void warn(std::string rule, std::string message);
};

/// The product of the dimensions; none when 64 bits do not hold it.
std::optional<std::uint64_t> element_count(const std::vector<std::uint64_t>& shape);

/// The elements of all tensors. Packed types count as they are stored, so that two 4-bit weights in
/// a byte are one.
std::uint64_t parameter_count(const Inventory& inventory);

/// How much of an inventory has one dtype.
struct DtypeShare {
  std::string dtype;
  std::uint64_t tensors = 0;
  std::uint64_t elements = 0;
  std::uint64_t bytes = 0;  ///< Of the tensors whose bytes are known.
};

/// Most bytes first, then by name.
std::vector<DtypeShare> dtype_histogram(const Inventory& inventory);

/// `text` as metadata holds it: as it is when that is valid UTF-8, else quoted.
std::string metadata_text(std::string_view text);

/// Whether a tensor may have the name: not empty, valid UTF-8, no control characters. The error
/// tells which does not hold.
Result<> check_tensor_name(std::string_view name);

}  // namespace owrd::weights
