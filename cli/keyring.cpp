#include "cli/keyring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/files.h"
#include "daemon/core/ref.h"
#include "daemon/core/suggest.h"
#include "daemon/core/system.h"
#include "daemon/core/text.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".key";
constexpr std::uint64_t kKeyFileLimitBytes = 64 * 1024;

Result<> check_name(std::string_view name) {
  if (is_valid_name(name)) return Done{};
  return Error{
      ErrorCode::InvalidInput,
      "key name \"" + std::string(name) +
          "\": letters, digits, '.', '_' and '-' only, a letter or digit first, at most 96",
      "such as acme-2026"};
}

Result<> check_mode(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return system_error("reading key", path, errno);
  if ((info.st_mode & 077) == 0) return Done{};
  return Error{ErrorCode::Denied, "the key file " + path.string() + " can be read by others",
               "chmod 600 " + shell_quote(path.string())};
}

Result<> make_private_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path().parent_path(), error);
  for (const auto& directory : {path.parent_path(), path})
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
      return system_error("creating", directory, errno);
  return Done{};
}

}  // namespace

fs::path Keyring::path_of(std::string_view name) const {
  return directory_ / (std::string(name) + std::string(kExtension));
}

std::vector<std::string> Keyring::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const auto& path = entry.path();
    if (path.extension() == kExtension && is_valid_name(path.stem().string()))
      names.push_back(path.stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<trust::KeyFile>> Keyring::list() const {
  std::vector<trust::KeyFile> keys;
  for (const auto& name : names()) {
    auto key = find(name);
    if (!key) return key.error();
    keys.push_back(std::move(*key));
  }
  return keys;
}

Result<trust::KeyFile> Keyring::find(std::string_view name) const {
  if (const auto valid = check_name(name); !valid) return valid.error();
  const auto path = path_of(name);
  if (!fs::exists(path)) {
    const auto known = names();
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const auto near = nearest(name, candidates);
    return Error{ErrorCode::NotFound,
                 "no key \"" + std::string(name) + "\" in " + directory_.string(),
                 near ? "did you mean " + *near + "?" : "owrd key new " + std::string(name)};
  }
  if (const auto is_private = check_mode(path); !is_private) return is_private.error();
  const auto text = read_file(path, kKeyFileLimitBytes);
  if (!text) return text.error();
  auto key = trust::parse_key_file(as_text(*text));
  if (!key)
    return Error{key.error().code, path.string() + ": " + key.error().message, key.error().hint};
  return key;
}

Result<> Keyring::add(std::string_view name, std::string_view text) const {
  if (const auto valid = check_name(name); !valid) return valid.error();
  if (const auto made = make_private_directory(directory_); !made) return made.error();
  const auto path = path_of(name);
  const Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open() && errno == EEXIST)
    return Error{ErrorCode::AlreadyExists,
                 "a key \"" + std::string(name) + "\" is there already: " + path.string(),
                 "choose another name; keys are never overwritten"};
  if (!file.is_open()) return system_error("creating key", path, errno);
  auto written = write_all(file, as_bytes(text), path);
  if (written) written = sync(file, path);
  if (!written) {
    ::unlink(path.c_str());
    return written.error();
  }
  sync_directory(directory_);
  return Done{};
}

}  // namespace owrd::cli
