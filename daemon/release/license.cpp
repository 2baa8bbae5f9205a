#include <algorithm>
#include <string>
#include <vector>

#include "daemon/core/suggest.h"
#include "daemon/core/text.h"
#include "daemon/release/license_ids.h"
#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

using Ids = std::span<const std::string_view>;

constexpr std::size_t kMaxExpressionBytes = 256;
constexpr std::string_view kOwnPrefix = "LicenseRef-";
constexpr auto kForms =
    "--license Apache-2.0, or an expression such as --license 'MIT OR Apache-2.0'";

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-';
}

bool contains(Ids ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Lower case without punctuation: people write "apache2" and "cc by 4".
std::string skeleton(std::string_view id) {
  std::string out;
  for (const char c : id) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

std::string nearest_id(std::string_view id, Ids known) {
  // The SPDX list has withdrawn "GPL-3.0" and its like for being ambiguous.
  if (const auto only = std::string(id) + "-only"; contains(known, only)) return only;
  std::vector<std::string> skeletons;
  for (const auto candidate : known) skeletons.push_back(skeleton(candidate));
  const std::vector<std::string_view> candidates(skeletons.begin(), skeletons.end());
  const auto match = nearest(skeleton(id), candidates);
  if (!match) return "";
  const auto place = std::find(skeletons.begin(), skeletons.end(), *match);
  return std::string(known[static_cast<std::size_t>(place - skeletons.begin())]);
}

/// Reads `expression` by SPDX 2.3 annex D, left to right; precedence does not matter to whether it
/// is valid.
class ExpressionReader {
 public:
  explicit ExpressionReader(std::string_view expression) : all_(expression), rest_(expression) {
    next();
  }

  Result<> read() {
    if (auto done = read_terms(); !done) return done;
    if (token_.empty()) return Done{};
    return unexpected();
  }

 private:
  Result<> read_terms() {
    for (;;) {
      if (auto done = read_term(); !done) return done;
      if (token_ != "AND" && token_ != "OR") return Done{};
      next();
    }
  }

  Result<> read_term() {
    if (token_ == "(") {
      next();
      if (auto done = read_terms(); !done) return done;
      if (token_.empty()) return error("ends where \")\" was expected");
      if (token_ != ")") return unexpected();
      next();
      return Done{};
    }
    if (auto done = read_license(); !done) return done;
    if (token_ != "WITH") return Done{};
    next();
    return read_exception();
  }

  Result<> read_license() {
    if (!is_id()) return unexpected();
    auto id = token_;
    next();
    if (id.back() == '+')
      id.remove_suffix(1);
    else if (id.starts_with(kOwnPrefix) && id.size() > kOwnPrefix.size())
      return Done{};
    if (contains(known_license_ids(), id)) return Done{};
    return unknown(id, known_license_ids(), "SPDX licence id");
  }

  Result<> read_exception() {
    if (!is_id()) return unexpected();
    if (!contains(known_exception_ids(), token_))
      return unknown(token_, known_exception_ids(), "SPDX licence exception");
    next();
    return Done{};
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

  Error error(const std::string& what, const std::string& hint = kForms) const {
    return Error{ErrorCode::InvalidInput, "licence " + quoted(all_) + ": " + what, hint};
  }
  Error unexpected() const {
    if (token_.empty()) return error("ends where a licence id was expected");
    return error("did not expect " + quoted(token_) + " there");
  }
  Error unknown(std::string_view id, Ids known, const std::string& kind) const {
    const auto near = nearest_id(id, known);
    const auto what = quoted(id) + " is no known " + kind;
    const std::string own =
        "--license LicenseRef-NAME names a licence that is not on the SPDX list";
    if (near.empty()) return error(what, own);
    return error(what + "; the nearest is " + quoted(near), "--license " + near + "; " + own);
  }

  std::string_view all_;
  std::string_view rest_;
  std::string_view token_;
};

}  // namespace

Result<> check_license(std::string_view expression) {
  if (expression.size() > kMaxExpressionBytes)
    return Error{ErrorCode::InvalidInput,
                 "licence " + quoted(expression) + ": is longer than 256 bytes",
                 "--license LicenseRef-NAME, and the terms in a LICENSE file"};
  return ExpressionReader(expression).read();
}

}  // namespace owrd::release
