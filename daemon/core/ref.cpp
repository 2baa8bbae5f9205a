#include "daemon/core/ref.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace owrd {
namespace {

constexpr std::size_t kLongestRef = 512;
constexpr std::size_t kShortestIdPrefix = 12;
constexpr std::size_t kIdDigits = 2 * Digest::kBytes;
constexpr std::string_view kDigestScheme = "sha256:";
constexpr const char* kForms =
    "write publisher/model, publisher/model:label, or @sha256: and the 64 digits of a release id";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Error invalid(const char* part, std::string_view text, const char* rule) {
  return {ErrorCode::InvalidInput,
          std::string("ref: invalid ") + part + " " + quoted(text) + ": " + rule, kForms};
}

Error not_a_ref(std::string_view text, std::string_view what) {
  return {ErrorCode::InvalidInput,
          "ref: " + quoted(text) + " looks like " + std::string(what) + ", not like a ref", kForms};
}

/// What people give by mistake, told by name.
Result<> check_looks_like_ref(std::string_view text) {
  if (text.empty()) return Error{ErrorCode::InvalidInput, "ref: empty text", kForms};
  if (text.size() > kLongestRef)
    return Error{ErrorCode::InvalidInput, "ref: longer than 512 bytes", kForms};
  if (text.starts_with("magnet:")) return not_a_ref(text, "a magnet link");
  if (text.find("://") != text.npos) return not_a_ref(text, "a URL");
  if (text[0] == '/' || text[0] == '~' || text == "." || text == ".." || text.starts_with("./") ||
      text.starts_with("../") || text.ends_with('/') || text.find('\\') != text.npos)
    return not_a_ref(text, "a path");
  return Done{};
}

/// `text` follows the scheme.
Result<Digest> parse_release_id(std::string_view text) {
  if (const auto digest = Digest::from_hex(text)) return *digest;
  return invalid("digest", text, "expected sha256: and exactly 64 digits, 0-9 and a-f");
}

Result<Ref> parse_id(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  Ref ref;
  if (text.starts_with(kDigestScheme) || text.size() == kIdDigits) {
    if (text.starts_with(kDigestScheme)) text.remove_prefix(kDigestScheme.size());
    const auto id = parse_release_id(text);
    if (!id) return id.error();
    ref.release_id = *id;
    return ref;
  }
  const bool all_hex = std::all_of(text.begin(), text.end(), is_hex);
  if (!all_hex || text.size() < kShortestIdPrefix || text.size() > kIdDigits)
    return invalid("digest", text, "expected 12 to 64 digits, 0-9 and a-f");
  ref.id_prefix = text;
  return ref;
}

/// Without a slash it can only be the id of a release, whole or abbreviated.
bool is_id(std::string_view text) {
  const bool all_hex = std::all_of(text.begin(), text.end(), is_hex);
  return text.starts_with('@') || text.starts_with(kDigestScheme) ||
         (all_hex && text.size() >= kShortestIdPrefix);
}

struct Parts {
  std::string_view model, label, digest;
  bool has_label, has_digest;
};

/// Splits what follows the publisher's slash at the first ':' or '@' and, after a label, at the
/// '@'.
Parts split(std::string_view text) {
  Parts parts{text, {}, {}, false, false};
  const auto mark = text.find_first_of(":@");
  if (mark == text.npos) return parts;
  parts.model = text.substr(0, mark);
  auto rest = text.substr(mark + 1);
  if (text[mark] == '@') {
    parts.has_digest = rest.starts_with(kDigestScheme);
    parts.has_label = !parts.has_digest;
    (parts.has_digest ? parts.digest : parts.label) = rest;
    return parts;
  }
  const auto at = rest.find('@');
  parts.has_label = true;
  parts.label = rest.substr(0, at);
  parts.has_digest = at != rest.npos;
  if (parts.has_digest) parts.digest = rest.substr(at + 1);
  return parts;
}

Result<Ref> parse_model(const Parts& parts) {
  static constexpr const char* kNameRule =
      "expected 1 to 96 letters, digits, '.', '_' or '-', beginning with a letter or digit";
  Ref ref;
  if (!is_valid_name(parts.model)) return invalid("model", parts.model, kNameRule);
  ref.model = parts.model;
  if (parts.has_label && !is_valid_name(parts.label))
    return invalid("label", parts.label, kNameRule);
  ref.label = parts.label;
  if (!parts.has_digest) return ref;
  if (!parts.digest.starts_with(kDigestScheme))
    return invalid("digest", parts.digest, "expected sha256: and exactly 64 digits, 0-9 and a-f");
  const auto id = parse_release_id(parts.digest.substr(kDigestScheme.size()));
  if (!id) return id.error();
  ref.release_id = *id;
  return ref;
}

Result<Ref> parse_named(std::string_view publisher, const Parts& parts) {
  const auto petname = folded(publisher);
  if (!is_valid_petname(petname))
    return invalid("publisher", publisher,
                   "expected 1 to 63 letters, digits, '-' or '.', beginning with a letter");
  auto ref = parse_model(parts);
  if (ref) ref->publisher = petname;
  return ref;
}

}  // namespace

bool is_valid_petname(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_lower(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; });
}

bool is_valid_name(std::string_view text) {
  return !text.empty() && text.size() <= 96 && is_alnum(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

Result<Ref> parse_ref(std::string_view text) {
  const auto looks = check_looks_like_ref(text);
  if (!looks) return looks.error();
  if (text.starts_with("owrd:")) text.remove_prefix(5);
  const auto slash = text.find('/');
  if (slash != text.npos) return parse_named(text.substr(0, slash), split(text.substr(slash + 1)));
  if (is_id(text)) return parse_id(text);
  return Error{ErrorCode::InvalidInput,
               "ref: expected publisher/model or a release id, got " + quoted(text), kForms};
}

Result<Ref> parse_name(std::string_view text) {
  auto ref = parse_ref(text);
  if (ref || text.find('/') != text.npos || is_id(text)) return ref;
  return parse_model(split(text));
}

std::string to_string(const Ref& ref) {
  if (!ref.id_prefix.empty()) return ref.id_prefix;
  std::string text = ref.publisher.empty() ? ref.model : ref.publisher + "/" + ref.model;
  if (!ref.label.empty()) text += ":" + ref.label;
  if (ref.release_id) text += "@sha256:" + ref.release_id->to_hex();
  return text;
}

}  // namespace owrd
