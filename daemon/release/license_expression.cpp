#include "daemon/release/license_expression.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace owrd::release {
namespace {

using Kind = LicenseExpression::Kind;

// Bounds the depth of parentheses too.
constexpr std::size_t kMaxBytes = 256;

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : all_(text), rest_(text) { next(); }

  Result<LicenseExpression> read() {
    auto expression = read_or();
    if (expression && !token_.empty()) return unexpected();
    return expression;
  }

 private:
  Result<LicenseExpression> read_or() {
    return read_list("OR", Kind::Or, [this] { return read_and(); });
  }
  Result<LicenseExpression> read_and() {
    return read_list("AND", Kind::And, [this] { return read_term(); });
  }

  template <class ReadOperand>
  Result<LicenseExpression> read_list(std::string_view word, Kind kind, ReadOperand read_operand) {
    auto first = read_operand();
    if (!first || token_ != word) return first;
    LicenseExpression list;
    list.kind = kind;
    list.operands.push_back(*std::move(first));
    while (token_ == word) {
      next();
      auto operand = read_operand();
      if (!operand) return operand;
      list.operands.push_back(*std::move(operand));
    }
    return list;
  }

  Result<LicenseExpression> read_term() {
    if (token_ != "(") return read_license();
    next();
    auto inner = read_or();
    if (!inner) return inner;
    if (token_.empty()) return error("ends where \")\" was expected");
    if (token_ != ")") return unexpected();
    next();
    return inner;
  }

  Result<LicenseExpression> read_license() {
    if (!is_id()) return unexpected();
    LicenseExpression license;
    license.or_later = token_.ends_with('+');
    license.id = token_.substr(0, token_.size() - (license.or_later ? 1 : 0));
    next();
    if (token_ != "WITH") return license;
    next();
    if (!is_id()) return unexpected();
    license.exception = token_;
    next();
    return license;
  }

  bool is_id() const {
    return !token_.empty() && is_id_character(token_.front()) && token_ != "AND" &&
           token_ != "OR" && token_ != "WITH";
  }

  /// An id with the "+" (or later) that is written onto it, or one other character; empty at the
  /// end.
  void next() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_id_character);
    auto size = static_cast<std::size_t>(end - rest_.begin());
    if (size < rest_.size() && (size == 0 || rest_[size] == '+')) ++size;
    token_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  Error error(const std::string& what) const {
    return Error{ErrorCode::InvalidInput, "licence " + quoted(all_) + ": " + what,
                 "--license Apache-2.0, or an expression such as --license 'MIT OR Apache-2.0'"};
  }
  Error unexpected() const {
    if (token_.empty()) return error("ends where a licence id was expected");
    return error("did not expect " + quoted(token_) + " there");
  }

  std::string_view all_;
  std::string_view rest_;
  std::string_view token_;
};

}  // namespace

Result<LicenseExpression> parse_license_expression(std::string_view text) {
  if (text.size() > kMaxBytes)
    return Error{ErrorCode::InvalidInput, "licence " + quoted(text) + ": is longer than 256 bytes",
                 "--license LicenseRef-NAME, and the terms in a LICENSE file"};
  return Reader(text).read();
}

}  // namespace owrd::release
