#include "daemon/exports/minisign.h"

#include <algorithm>

#include "daemon/core/base64.h"
#include "daemon/core/text.h"
#include "daemon/trust/blake2b.h"

namespace owrd::exports {
namespace {

constexpr std::size_t kKeyNumberBytes = 8;
// minisign 0.11, src/minisign.h: TRUSTEDCOMMENTMAXBYTES, which counts the prefix and a line end.
constexpr std::size_t kMaxTrustedCommentBytes = 8192 - 32;

/// Which key it is, for people and error messages: the start of owrd's own key id.
Bytes key_number(const trust::PublicKey& key) {
  return to_bytes(key.id().bytes().first(kKeyNumberBytes));
}

/// As minisign prints it: a little-endian number in upper-case hex.
std::string key_number_text(const trust::PublicKey& key) {
  auto bytes = key_number(key);
  std::reverse(bytes.begin(), bytes.end());
  auto hex = to_hex(bytes);
  std::transform(hex.begin(), hex.end(), hex.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

Bytes joined(ByteView first, ByteView second) {
  auto out = to_bytes(first);
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

/// "Ed" for a key or "ED" for the signature of a hash, the key's number, then `rest`.
std::string tagged(std::string_view algorithm, const trust::PublicKey& key, ByteView rest) {
  return to_base64(joined(joined(as_bytes(algorithm), key_number(key)), rest));
}

}  // namespace

Result<Exported> minisign_signature(const Exported& file, std::int64_t signed_at,
                                    const std::string& note, const trust::SecretKey& key) {
  if (!is_plain_line(file.suggested_name) || !is_plain_line(note))
    return Error{ErrorCode::InvalidInput, "minisign: a comment must be one plain line",
                 "use a name and a note without line breaks and control characters"};
  const auto trusted = "timestamp:" + std::to_string(signed_at) + "\tfile:" + file.suggested_name +
                       "\thashed" + (note.empty() ? "" : "\t" + note);
  if (trusted.size() > kMaxTrustedCommentBytes)
    return Error{ErrorCode::InvalidInput, "minisign: the trusted comment is too long",
                 "use a shorter note"};
  const auto signature = key.sign(trust::blake2b_512(file.bytes));
  const auto comment_signature = key.sign(joined(signature, as_bytes(trusted)));
  const auto text = "untrusted comment: signature of owrd key " +
                    key_number_text(key.public_key()) + "\n" +
                    tagged("ED", key.public_key(), signature) + "\ntrusted comment: " + trusted +
                    "\n" + to_base64(comment_signature) + "\n";
  return Exported{"text/plain; charset=utf-8", file.suggested_name + ".minisig", to_bytes(text)};
}

Exported minisign_public_key(const trust::PublicKey& key) {
  const auto text = "untrusted comment: minisign public key " + key_number_text(key) + "\n" +
                    tagged("Ed", key, key.bytes()) + "\n";
  return {"text/plain; charset=utf-8", "minisign.pub", to_bytes(text)};
}

}  // namespace owrd::exports
