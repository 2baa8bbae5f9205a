#include <sodium.h>

#include <array>
#include <charconv>
#include <optional>

#include "daemon/core/ref.h"
#include "daemon/core/text.h"
#include "daemon/trust/key.h"
#include "daemon/trust/secret_bytes.h"

// A key file is five lines, each ended by one line feed:
//
//   owrd-key-1
//   name: acme-2026
//   public: <64 hex digits>
//   kdf: none | argon2id13 <operations> <memory in bytes> <salt, 32 hex digits>
//   secret: <the seed, 64 hex digits; with a kdf: the nonce and the box, 144 hex digits>

namespace owrd::trust {
namespace {

constexpr std::string_view kMagic = "owrd-key-1";
constexpr std::string_view kPlain = "none";
constexpr std::string_view kArgon = "argon2id13 ";
constexpr std::size_t kLongestFile = 1024;
constexpr std::uint64_t kMostOperations = 10;
constexpr std::uint64_t kMostMemoryBytes = 1024 * 1024 * 1024;
constexpr std::size_t kBoxBytes =
    crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + crypto_sign_SEEDBYTES;

struct Kdf {
  PassphraseCost cost;
  Bytes salt;
};

struct Fields {
  std::string_view name;
  Bytes public_key;
  std::optional<Kdf> kdf;
  Bytes secret;
};

constexpr auto kRestore =
    "put your copy of the key file in its place, or make another key: owrd key new NAME";

Error malformed(const std::string& cause) {
  return {ErrorCode::InvalidInput, "key file: " + cause, kRestore};
}

bool is_allowed(const PassphraseCost& cost) {
  return cost.operations >= crypto_pwhash_OPSLIMIT_MIN && cost.operations <= kMostOperations &&
         cost.memory_bytes >= crypto_pwhash_MEMLIMIT_MIN && cost.memory_bytes <= kMostMemoryBytes;
}

std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const auto end = text.find('\n');
  if (end == text.npos || !text.starts_with(key)) return std::nullopt;
  const auto value = text.substr(key.size(), end - key.size());
  text.remove_prefix(end + 1);
  return value;
}

/// A number in its one spelling, followed by a space.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc() || stop == end || *stop != ' ') return std::nullopt;
  const auto digits = static_cast<std::size_t>(stop - text.data());
  if (std::to_string(number) != text.substr(0, digits)) return std::nullopt;
  text.remove_prefix(digits + 1);
  return number;
}

Result<Bytes> parse_hex_of(std::string_view text, std::size_t size, const char* line) {
  auto bytes = parse_hex(text);
  if (!bytes || bytes->size() != size)
    return malformed(std::string(line) + ": expected " + std::to_string(2 * size) +
                     " lower-case hex digits");
  return bytes;
}

Result<std::optional<Kdf>> parse_kdf(std::string_view text) {
  if (text == kPlain) return std::optional<Kdf>();
  if (!text.starts_with(kArgon)) return malformed("kdf: expected none or argon2id13");
  text.remove_prefix(kArgon.size());
  const auto operations = take_number(text);
  if (!operations) return malformed("kdf: expected a number of operations");
  const auto memory = take_number(text);
  if (!memory) return malformed("kdf: expected a number of bytes");
  auto salt = parse_hex_of(text, crypto_pwhash_SALTBYTES, "kdf");
  if (!salt) return salt.error();
  const PassphraseCost cost{*operations, *memory};
  if (!is_allowed(cost)) return malformed("kdf: the costs are out of bounds");
  return std::optional<Kdf>(Kdf{cost, std::move(*salt)});
}

Result<Fields> parse_fields(std::string_view text) {
  if (text.size() > kLongestFile) return malformed("longer than 1024 bytes");
  if (take_line(text, kMagic) != std::string_view())
    return malformed("expected the line owrd-key-1");
  const auto name = take_line(text, "name: ");
  if (!name || !is_valid_name(*name)) return malformed("expected a line with a valid name");
  const auto public_line = take_line(text, "public: ");
  if (!public_line) return malformed("expected the line public");
  auto public_key = parse_hex_of(*public_line, PublicKey::kBytes, "public");
  if (!public_key) return public_key.error();
  const auto kdf_line = take_line(text, "kdf: ");
  if (!kdf_line) return malformed("expected the line kdf");
  auto kdf = parse_kdf(*kdf_line);
  if (!kdf) return kdf.error();
  const auto secret_line = take_line(text, "secret: ");
  if (!secret_line) return malformed("expected the line secret");
  auto secret = parse_hex_of(*secret_line, *kdf ? kBoxBytes : crypto_sign_SEEDBYTES, "secret");
  if (!secret) return secret.error();
  if (!text.empty()) return malformed("more than its five lines");
  return Fields{*name, std::move(*public_key), std::move(*kdf), std::move(*secret)};
}

Result<SecretBytes> derive_key(std::string_view passphrase, const Kdf& kdf) {
  auto key = SecretBytes::allocate(crypto_secretbox_KEYBYTES);
  if (!key) return key.error();
  if (crypto_pwhash(data_of(key->bytes()), crypto_secretbox_KEYBYTES, passphrase.data(),
                    passphrase.size(), data_of(kdf.salt), kdf.cost.operations,
                    static_cast<std::size_t>(kdf.cost.memory_bytes),
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    return Error{ErrorCode::Internal, "key file: " + std::to_string(kdf.cost.memory_bytes) +
                                          " bytes of memory for the passphrase cannot be had"};
  return key;
}

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  randombytes_buf(bytes.data(), size);
  return bytes;
}

/// The nonce, then the box.
Result<Bytes> seal_seed(ByteView seed, std::string_view passphrase, const Kdf& kdf) {
  const auto key = derive_key(passphrase, kdf);
  if (!key) return key.error();
  Bytes sealed = random_bytes(kBoxBytes);
  const auto box = std::span<std::byte>(sealed).subspan(crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(data_of(box), data_of(seed), seed.size(), data_of(ByteView(sealed)),
                        data_of(key->bytes()));
  return sealed;
}

Result<SecretBytes> open_seed(ByteView sealed, std::string_view passphrase, const Kdf& kdf,
                              std::string_view name) {
  const auto key = derive_key(passphrase, kdf);
  if (!key) return key.error();
  auto seed = SecretBytes::allocate(crypto_sign_SEEDBYTES);
  if (!seed) return seed.error();
  const auto box = sealed.subspan(crypto_secretbox_NONCEBYTES);
  if (crypto_secretbox_open_easy(data_of(seed->bytes()), data_of(box), box.size(), data_of(sealed),
                                 data_of(key->bytes())) != 0)
    return Error{ErrorCode::Denied, "key " + std::string(name) + ": wrong passphrase",
                 "try again with the passphrase that was given to owrd key new"};
  return seed;
}

}  // namespace

Result<std::string> SecretKey::to_key_file(std::string_view name, std::string_view passphrase,
                                           const PassphraseCost& cost) const {
  if (!is_valid_name(name))
    return Error{ErrorCode::InvalidInput, "key: invalid name " + quoted(name),
                 "use 1 to 96 letters, digits, '.', '_' or '-', beginning with a letter or digit"};
  if (!is_allowed(cost))
    return Error{ErrorCode::InvalidInput, "key: the costs of a guess are out of bounds"};
  std::string text(kMagic);
  text += "\nname: " + std::string(name) + "\npublic: " + to_hex(public_key_.bytes());
  if (passphrase.empty()) return text + "\nkdf: none\nsecret: " + to_hex(secret_->seed()) + "\n";

  const Kdf kdf{cost, random_bytes(crypto_pwhash_SALTBYTES)};
  const auto sealed = seal_seed(secret_->seed(), passphrase, kdf);
  if (!sealed) return sealed.error();
  text += "\nkdf: " + std::string(kArgon) + std::to_string(cost.operations) + " " +
          std::to_string(cost.memory_bytes) + " " + to_hex(kdf.salt);
  return text + "\nsecret: " + to_hex(*sealed) + "\n";
}

Result<KeyFile> parse_key_file(std::string_view text) {
  const auto fields = parse_fields(text);
  if (!fields) return fields.error();
  const auto public_key = PublicKey::from_bytes(fields->public_key);
  if (!public_key) return public_key.error();
  return KeyFile{std::string(fields->name), *public_key, fields->kdf.has_value(),
                 std::string(text)};
}

Result<SecretKey> open_key_file(const KeyFile& file, std::string_view passphrase) {
  const auto fields = parse_fields(file.text);
  if (!fields) return fields.error();
  if (fields->kdf && passphrase.empty())
    return Error{ErrorCode::Denied, "key " + file.name + ": it is under a passphrase",
                 "give it with --passphrase-file FILE"};
  const auto key = [&]() -> Result<SecretKey> {
    if (!fields->kdf) return SecretKey::from_seed(fields->secret);
    const auto seed = open_seed(fields->secret, passphrase, *fields->kdf, fields->name);
    if (!seed) return seed.error();
    return SecretKey::from_seed(seed->bytes());
  }();
  if (key && key->public_key() != file.public_key)
    return Error{ErrorCode::Corrupt,
                 "key " + file.name + ": the secret does not belong to the public key", kRestore};
  return key;
}

}  // namespace owrd::trust
