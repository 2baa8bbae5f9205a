#include "daemon/content/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>

#include "daemon/content/descriptor.h"
#include "daemon/content/litter.h"
#include "daemon/content/roles.h"
#include "daemon/core/text.h"
#include "daemon/release/path_rules.h"
#include "daemon/weights/format.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

/// A manifest holds 16384 files; layers.owrd, tensors.owrd and release.owrd are three of them.
constexpr std::size_t kFileLimit = 16'381;
constexpr std::string_view kDescriptionName = "release.toml";

struct CloseDirectory {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

/// The names in an open directory, sorted so that every run reports the same thing first.
Result<std::vector<std::string>> list(const Descriptor& directory, const fs::path& what) {
  const int copy = ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return system_error("reading", what, errno);
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(copy));
  if (!stream) {
    const int number = errno;
    ::close(copy);
    return system_error("reading", what, number);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const auto* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) return system_error("reading", what, errno);
  std::sort(names.begin(), names.end());
  return names;
}

std::string describe_kind(mode_t mode) {
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

Error unreadable(const fs::path& what, bool is_directory, int number) {
  auto error = system_error("reading", what, number);
  if (error.code == ErrorCode::Denied)
    error.hint =
        std::string(is_directory ? "chmod a+rx " : "chmod a+r ") + shell_quote(what.string());
  return error;
}

bool leads_out(const fs::path& directory, const fs::path& link, const fs::path& target) {
  std::error_code error;
  const auto root = fs::weakly_canonical(directory, error);
  const auto end = fs::weakly_canonical(link.parent_path() / target, error);
  const auto [at, unused] = std::mismatch(root.begin(), root.end(), end.begin(), end.end());
  return error || at != root.end();
}

class Scanner {
 public:
  explicit Scanner(const fs::path& directory) : directory_(directory) {}

  Result<Scan> scan() {
    const auto root = open_root();
    if (!root) return root.error();
    const auto walked = walk(*root, "");
    if (!walked) return walked.error();
    const auto judged = judge();
    if (!judged) return judged.error();
    std::sort(scan_.files.begin(), scan_.files.end(),
              [](const auto& a, const auto& b) { return release::tree_order(a.path, b.path); });
    return std::move(scan_);
  }

 private:
  Result<Descriptor> open_root() const {
    auto root = open_directory("reading", directory_);
    if (root) return root;
    std::error_code ignored;
    if (fs::exists(directory_, ignored) && !fs::is_directory(directory_, ignored))
      return Error{ErrorCode::InvalidInput, directory_.string() + " is not a directory",
                   "name the directory that it is in: " +
                       shell_quote(fs::absolute(directory_, ignored).parent_path().string())};
    auto error = root.error();
    if (error.code == ErrorCode::Denied)
      error.hint = "chmod a+rx " + shell_quote(directory_.string());
    return error;
  }

  /// `prefix` is the path of this directory within the release with a '/' behind it, or empty.
  Result<> walk(const Descriptor& directory, const std::string& prefix) {
    const auto names = list(directory, directory_ / prefix);
    if (!names) return names.error();
    if (names->empty() && !prefix.empty()) scan_.left_out.push_back({prefix, "an empty directory"});
    for (const auto& name : *names) {
      const auto visited = visit(directory, prefix + name, name);
      if (!visited) return visited.error();
    }
    return Done{};
  }

  Result<> visit(const Descriptor& parent, const std::string& path, const std::string& name) {
    struct stat status = {};
    if (::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return system_error("reading", directory_ / path, errno);
    if (path == kDescriptionName && S_ISREG(status.st_mode)) {
      scan_.left_out.push_back({path, "what it says is in the manifest"});
      return Done{};
    }
    if (path == release::kProofName || path == release::kLayersName ||
        path == release::kTensorsName) {
      if (S_ISREG(status.st_mode)) return Done{};
      return Error{ErrorCode::InvalidInput,
                   (directory_ / path).string() +
                       ": owrd writes a file of this name, and it is "
                       "taken by something that is none",
                   move_away_hint(directory_ / path)};
    }
    if (const auto reason = litter_reason(name); !reason.empty()) {
      scan_.left_out.push_back({S_ISDIR(status.st_mode) ? path + "/" : path, std::string(reason)});
      return Done{};
    }
    const auto allowed = release::check_path(path);
    if (!allowed)
      return Error{allowed.error().code, allowed.error().message,
                   rename_hint(path).value_or(allowed.error().hint)};
    if (S_ISLNK(status.st_mode)) return refuse_link(parent, path, name);
    if (name.front() == '.') scan_.warnings.push_back(path + " is hidden and part of the release");
    if (S_ISDIR(status.st_mode)) return enter(parent, path, name);
    if (S_ISREG(status.st_mode)) return add(parent, path, name);
    return Error{ErrorCode::InvalidInput,
                 (directory_ / path).string() + " is " + describe_kind(status.st_mode) +
                     "; a release holds only regular files",
                 "move it out of " + shell_quote(directory_.string())};
  }

  Result<> enter(const Descriptor& parent, const std::string& path, const std::string& name) {
    const Descriptor child(
        ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child.is_open()) return unreadable(directory_ / path, /*is_directory=*/true, errno);
    return walk(child, path + "/");
  }

  Result<> add(const Descriptor& parent, const std::string& path, const std::string& name) {
    if (scan_.files.size() == kFileLimit)
      return Error{ErrorCode::InvalidInput,
                   directory_.string() + " holds more than " + std::to_string(kFileLimit) +
                       " files, the most that a release can",
                   "pack the small ones into an archive, or publish a part of it as a model of its "
                   "own"};
    const auto what = directory_ / path;
    const Descriptor file(
        ::openat(parent.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.is_open()) return unreadable(what, /*is_directory=*/false, errno);
    const auto identity = identify(file, what);
    if (!identity) return identity.error();
    std::array<std::byte, weights::kHeadBytes> head = {};
    const auto got = read_at(file, head, 0, what);
    if (!got) return got.error();

    const auto format = weights::recognise(path, ByteView(head).first(*got), identity->size);
    if (format == weights::Format::LfsPointer) return refuse_pointer(what);
    if (format == weights::Format::NotWeights && weights::is_weights_name(path)) note_broken(path);
    has_weights_ = has_weights_ || format != weights::Format::NotWeights;
    scan_.files.push_back({path, *identity, role_of(path, format)});
    return Done{};
  }

  void note_broken(const std::string& path) {
    scan_.warnings.push_back(path +
                             " is named like weights, but its content is not: it may be truncated");
    if (first_broken_.empty()) first_broken_ = path;
  }

  Result<> refuse_pointer(const fs::path& what) const {
    return Error{ErrorCode::InvalidInput,
                 what.string() + " is a Git LFS pointer, not the file that it stands for",
                 "git -C " + shell_quote(directory_.string()) + " lfs pull"};
  }

  Result<> refuse_link(const Descriptor& parent, const std::string& path,
                       const std::string& name) const {
    const auto what = directory_ / path;
    std::array<char, 4096> buffer = {};
    const auto length = ::readlinkat(parent.get(), name.c_str(), buffer.data(), buffer.size());
    if (length < 0) return system_error("reading", what, errno);
    const std::string target(buffer.data(), static_cast<std::size_t>(length));
    const auto where =
        leads_out(directory_, what, target) ? " that leads out of the directory, to " : " to ";
    return Error{ErrorCode::InvalidInput,
                 what.string() + " is a symbolic link" + where + target +
                     "; a release holds only regular files",
                 link_hint(what, target)};
  }

  /// Hugging Face's cache keeps snapshots that are nothing but links to ../../blobs: one command
  /// for all of them.
  std::string link_hint(const fs::path& link, const std::string& target) const {
    const auto quoted = shell_quote(link.string());
    if (target.find("../blobs/") == target.npos)
      return "cp --remove-destination \"$(readlink -f " + quoted + ")\" " + quoted;
    const auto directory = directory_.string();
    return "this is a Hugging Face cache; publish a copy without links: cp -rL " +
           shell_quote(directory) + " DIR";
  }

  /// None where a command could not be copied from the screen, or the depth is at fault.
  std::optional<std::string> rename_hint(const std::string& path) const {
    const auto what = directory_ / path;
    const auto text = what.string();
    const bool is_ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
    if (!is_ascii || std::count(path.begin(), path.end(), '/') > 7) return std::nullopt;
    return "mv " + shell_quote(text) + " " +
           shell_quote((what.parent_path() / "NEW-NAME").string());
  }

  Result<> judge() {
    if (scan_.files.empty() && scan_.left_out.empty())
      return Error{ErrorCode::InvalidInput,
                   directory_.string() + " is empty: there is nothing to publish",
                   "name the directory that holds the weights"};
    if (!has_weights_) scan_.without_weights = no_weights();
    std::vector<std::string> paths{std::string(release::kProofName),
                                   std::string(release::kLayersName),
                                   std::string(release::kTensorsName)};
    for (const auto& file : scan_.files) paths.push_back(file.path);
    const auto checked = release::check_paths(paths);
    if (checked) return Done{};
    return Error{checked.error().code, checked.error().message,
                 "rename one of the two: a file system that ignores case cannot hold both"};
  }

  Error no_weights() const {
    Error error{ErrorCode::InvalidInput,
                directory_.string() + " holds no weights (.safetensors, .gguf, .bin, .pt, …)",
                "name the directory that holds them, or put them there"};
    if (first_broken_.empty()) return error;
    error.message += ": " + first_broken_ + " is named like weights, but its content is not";
    error.hint = "put a whole copy of " + first_broken_ + " there";
    return error;
  }

  const fs::path& directory_;
  Scan scan_;
  bool has_weights_ = false;
  std::string first_broken_;
};

}  // namespace

Result<Scan> scan_directory(const fs::path& directory) { return Scanner(directory).scan(); }

}  // namespace owrd::content
