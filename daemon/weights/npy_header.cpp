#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/little_endian.h"
#include "daemon/weights/npy.h"

namespace owrd::weights {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kDimensionLimit = 64;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "NumPy: " + std::move(reason)};
}

/// Reads the one dictionary of Python literals that a header is.
class Literals {
 public:
  explicit Literals(std::string_view text) : text_(text) {}

  Result<NpyHeader> header() {
    NpyHeader header;
    std::set<std::string> keys;
    if (!take('{')) return refuse("the header is no dictionary");
    while (!take('}')) {
      const auto key = string();
      if (!key || !take(':')) return refuse("the header is no dictionary");
      if (!keys.insert(*key).second) return refuse("the header has " + quoted(*key) + " twice");
      if (!value(*key, header)) return refuse("the header's " + quoted(*key) + " cannot be read");
      if (!take(',') && !peek('}')) return refuse("the header is no dictionary");
    }
    skip_spaces();
    if (!text_.empty()) return refuse("the header goes on behind its dictionary");
    if (keys.size() != 3) return refuse("the header lacks descr, fortran_order or shape");
    return header;
  }

 private:
  void skip_spaces() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }

  bool peek(char c) {
    skip_spaces();
    return text_.starts_with(c);
  }

  bool take(char c) {
    if (!peek(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// Quoted, without escapes.
  std::optional<std::string> string() {
    if (!peek('\'') && !peek('"')) return std::nullopt;
    const auto end = text_.find(text_[0], 1);
    if (end == text_.npos) return std::nullopt;
    std::string content(text_.substr(1, end - 1));
    if (content.find('\\') != content.npos) return std::nullopt;
    text_.remove_prefix(end + 1);
    return content;
  }

  bool value(std::string_view key, NpyHeader& header) {
    if (key == "descr") return descr(header);
    if (key == "shape") return shape(header.shape);
    if (key != "fortran_order") return false;
    skip_spaces();
    header.is_fortran_order = text_.starts_with("True");
    if (!header.is_fortran_order && !text_.starts_with("False")) return false;
    text_.remove_prefix(header.is_fortran_order ? 4 : 5);
    return true;
  }

  /// A string, or a list of strings, numbers and lists, of which only the end and the strings
  /// matter.
  bool descr(NpyHeader& header) {
    if (const auto plain = string()) {
      header.descr = *plain;
      header.holds_objects = plain->find('O') != plain->npos;
      return true;
    }
    if (!peek('[')) return false;
    const auto all = text_;
    std::string open;
    do {
      skip_spaces();
      if (text_.empty()) return false;
      if (const auto part = string()) {
        header.holds_objects = header.holds_objects || part->find('O') != part->npos;
        continue;
      }
      const char c = text_[0];
      if ("[](), 0123456789L"sv.find(c) == std::string_view::npos) return false;
      text_.remove_prefix(1);
      if (c == '[' || c == '(') open += c;
      if (c != ']' && c != ')') continue;
      if (open.empty() || (open.back() == '[') != (c == ']')) return false;
      open.pop_back();
    } while (!open.empty());
    header.descr = all.substr(0, all.size() - text_.size());
    return true;
  }

  bool shape(std::vector<std::uint64_t>& shape) {
    if (!take('(')) return false;
    while (!take(')')) {
      skip_spaces();
      std::uint64_t number = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
      if (error != std::errc() || shape.size() == kDimensionLimit) return false;
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (text_.starts_with('L')) text_.remove_prefix(1);  // Python 2's long numbers.
      shape.push_back(number);
      if (!take(',') && !peek(')')) return false;
    }
    return true;
  }

  std::string_view text_;
};

/// Bytes of one element of a plain descr such as "<f4" or "|S10"; none of others.
std::optional<std::uint64_t> element_bytes(std::string_view descr) {
  if (descr.size() < 3 || "<>|="sv.find(descr[0]) == std::string_view::npos) return std::nullopt;
  if ("biufcSaUV?mM"sv.find(descr[1]) == std::string_view::npos) return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(descr.data() + 2, descr.data() + descr.size(), size);
  if (error != std::errc() || (end != descr.data() + descr.size() && *end != '['))
    return std::nullopt;
  return checked_multiply(size, descr[1] == 'U' ? 4 : 1);
}

Result<> check_size(const NpyHeader& header, std::uint64_t data_bytes) {
  const auto elements = element_count(header.shape);
  if (!elements) return refuse("the shape is too large");
  const auto element = header.holds_objects ? std::nullopt : element_bytes(header.descr);
  if (!element) return Done{};
  if (checked_multiply(*elements, *element) != data_bytes)
    return refuse("the array has " + std::to_string(data_bytes) +
                  " bytes, descr and shape make another size");
  return Done{};
}

}  // namespace

Result<NpyHeader> read_npy_header(ByteView head, std::uint64_t size_bytes) {
  if (head.size() < 10 || !as_text(head).starts_with("\x93NUMPY"sv))
    return refuse("the file does not begin as an array does");
  const auto version = std::to_integer<int>(head[6]);
  if (version < 1 || version > 3) return refuse("version " + std::to_string(version));
  const std::size_t width = version == 1 ? 2 : 4;
  const auto text_begin = 8 + width;
  if (head.size() < text_begin) return refuse("the header is cut off");
  const auto length = little_endian(head, 8, width);
  if (length > head.size() - text_begin) return refuse("the header is longer than it may be");
  const auto text = as_text(head).substr(text_begin, static_cast<std::size_t>(length));
  auto header = Literals(text).header();
  if (!header) return header.error();
  header->data_begin = text_begin + length;
  const auto sized = check_size(*header, size_bytes - header->data_begin);
  if (!sized) return sized.error();
  return header;
}

}  // namespace owrd::weights
