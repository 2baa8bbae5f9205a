#include "daemon/engine/online_keys.h"

#include <sys/stat.h>

#include <system_error>

#include "daemon/content/files.h"

namespace owrd::engine {
namespace {

constexpr std::size_t kKeyFileLimitBytes = 16 * 1024;
constexpr std::size_t kNameDigits = 16;
constexpr std::string_view kSuffix = ".key";
constexpr std::string_view kUsedSuffix = ".used";

const char* prefix_of(OnlineKeys::Use use) {
  switch (use) {
    case OnlineKeys::Use::Head:
      return "head-";
    case OnlineKeys::Use::Locator:
      return "locator-";
    case OnlineKeys::Use::Mirror:
      return "mirror-";
  }
  return "";
}

std::string name_of(OnlineKeys::Use use, const trust::PublicKey& key) {
  return prefix_of(use) + key.id().to_hex().substr(0, kNameDigits);
}

/// Keys are nobody else's to read.
Result<> close_directory(const std::filesystem::path& directory) {
  if (const auto made = content::make_directory(directory); !made) return made;
  if (::chmod(directory.c_str(), 0700) == 0) return Done{};
  return Error{ErrorCode::Io, "the permissions of " + directory.string() + " cannot be set"};
}

}  // namespace

Result<> OnlineKeys::load() {
  keys_.clear();
  used_.clear();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const auto file_name = entry.path().filename().string();
    if (file_name.ends_with(kUsedSuffix))
      used_.insert(file_name.substr(0, file_name.size() - kUsedSuffix.size()));
    if (!file_name.ends_with(kSuffix)) continue;
    for (const auto use : {Use::Head, Use::Locator, Use::Mirror}) {
      if (!file_name.starts_with(prefix_of(use))) continue;
      const auto text = content::read_file(directory_, file_name, kKeyFileLimitBytes);
      if (!text) return text.error();
      const auto file = trust::parse_key_file(as_text(*text));
      if (!file)
        return Error{file.error().code, entry.path().string() + ": " + file.error().message};
      auto key = trust::open_key_file(*file, passphrase_);
      if (!key)
        return Error{key.error().code, entry.path().string() + ": " + key.error().message,
                     "its passphrase is the credential owrd-passphrase of the daemon's unit"};
      keys_[use].emplace(key->public_key(), std::move(*key));
    }
  }
  return Done{};
}

Result<trust::SecretKey> OnlineKeys::make(Use use) {
  auto key = trust::SecretKey::generate();
  if (!key) return key;
  const auto name = name_of(use, key->public_key());
  const auto text = key->to_key_file(name, passphrase_);
  if (!text) return text.error();
  if (const auto closed = close_directory(directory_); !closed) return closed.error();
  const auto file_name = name + std::string(kSuffix);
  if (const auto written = content::write_file(directory_, file_name, as_bytes(*text)); !written)
    return written.error();
  if (::chmod((directory_ / file_name).c_str(), 0600) != 0)
    return Error{ErrorCode::Io, "the permissions of " + file_name + " cannot be set"};
  keys_[use].emplace(key->public_key(), *key);
  return key;
}

Result<> OnlineKeys::set_used(Use use, const trust::PublicKey& key) {
  if (is_used(use, key)) return Done{};
  const auto name = name_of(use, key);
  const auto file_name = name + std::string(kUsedSuffix);
  if (const auto written = content::write_file(directory_, file_name, {}); !written) return written;
  used_.insert(name);
  return Done{};
}

bool OnlineKeys::is_used(Use use, const trust::PublicKey& key) const {
  return used_.count(name_of(use, key)) != 0;
}

const trust::SecretKey* OnlineKeys::find(Use use, const trust::PublicKey& key) const {
  const auto& keys = all(use);
  const auto found = keys.find(key);
  return found == keys.end() ? nullptr : &found->second;
}

const std::map<trust::PublicKey, trust::SecretKey>& OnlineKeys::all(Use use) const {
  static const std::map<trust::PublicKey, trust::SecretKey> kNone;
  const auto found = keys_.find(use);
  return found == keys_.end() ? kNone : found->second;
}

}  // namespace owrd::engine
