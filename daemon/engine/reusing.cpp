#include "daemon/engine/reusing.h"

#include <map>
#include <optional>
#include <utility>

#include "daemon/content/reusing.h"
#include "daemon/engine/settling.h"

namespace owrd::engine {
namespace {

namespace fs = std::filesystem;

/// More files of one length than this are tried for none.
constexpr std::size_t kMostGuesses = 64;
/// What is walked of a directory that somebody named.
constexpr std::size_t kMostEntries = 100'000;

/// What a directory of unknown content has, by length. Links to files are followed, links to
/// directories are not.
class NamedDirectory {
 public:
  explicit NamedDirectory(fs::path directory) : directory_(std::move(directory)) {
    std::error_code error;
    auto entry = fs::recursive_directory_iterator(
        directory_, fs::directory_options::skip_permission_denied, error);
    for (std::size_t seen = 0; !error && entry != fs::end(entry) && seen < kMostEntries;
         entry.increment(error), ++seen) {
      std::error_code ignored;
      if (!entry->is_regular_file(ignored)) continue;
      const auto length = entry->file_size(ignored);
      if (!ignored && length != 0) by_length_[length].push_back(entry->path());
    }
  }

  void add_sources(const content::ExpectedFile& file,
                   std::vector<content::ReuseSource>& sources) const {
    const auto same_path = directory_ / file.path;
    std::error_code ignored;
    if (fs::is_regular_file(same_path, ignored)) sources.push_back({same_path, {}});
    const auto found = by_length_.find(file.length);
    if (found == by_length_.end() || found->second.size() > kMostGuesses) return;
    for (const auto& path : found->second)
      if (path != same_path) sources.push_back({path, {}, false, /*is_guess=*/true});
  }

 private:
  fs::path directory_;
  std::map<std::uintmax_t, std::vector<fs::path>> by_length_;
};

/// Another release, and its layers when they are needed.
class Other {
 public:
  explicit Other(const OtherRelease& release) : release_(release) {}

  void add_same_files(const release::TorrentFile& wanted, const content::ExpectedFile& expected,
                      std::vector<content::ReuseSource>& sources) const {
    const auto& files = release_.believed.torrent.files;
    for (std::size_t i = 0; i < files.size(); ++i)
      if (release_.verified[i] && files[i].pieces_root == wanted.pieces_root)
        sources.push_back({release_.directory / files[i].path, expected.layer, release_.may_link});
  }

  void add_earlier_file(const Believed& believed, const content::ExpectedFile& expected,
                        std::vector<content::ReuseSource>& sources) {
    const auto& manifest = release_.believed.manifest;
    const bool is_same_model = manifest.publisher_id() == believed.manifest.publisher_id() &&
                               manifest.model() == believed.manifest.model();
    const auto index = release_.believed.torrent.find(expected.path);
    if (!is_same_model || !index || !release_.verified[*index]) return;
    content::ReuseSource source{release_.directory / expected.path, {}};
    if (manifest.piece_length() == believed.manifest.piece_length())
      source.layer = expected_file(release_.believed.torrent, *index, layers()).layer;
    sources.push_back(std::move(source));
  }

 private:
  const release::Layers* layers() {
    if (!std::exchange(has_looked_, true))
      layers_ = read_layers(release_.directory, release_.believed.manifest);
    return layers_ ? &*layers_ : nullptr;
  }

  const OtherRelease& release_;
  bool has_looked_ = false;
  std::optional<release::Layers> layers_;
};

}  // namespace

Result<std::vector<ReusedFile>> reuse_files(const ReuseRequest& request,
                                            const content::JobContext& job) {
  std::vector<Other> others(request.others.begin(), request.others.end());
  std::vector<NamedDirectory> directories(request.directories.begin(), request.directories.end());
  std::vector<content::ReusableFile> files;
  for (const auto& missing : request.files) {
    content::ReusableFile file{
        expected_file(request.believed.torrent, missing.index, &request.layers),
        missing.pieces,
        {}};
    const auto& wanted = request.believed.torrent.files[missing.index];
    for (const auto& other : others) other.add_same_files(wanted, file.expected, file.sources);
    for (auto& other : others)
      other.add_earlier_file(request.believed, file.expected, file.sources);
    for (const auto& directory : directories) directory.add_sources(file.expected, file.sources);
    files.push_back(std::move(file));
  }
  const auto pieces = content::reuse_pieces(staging_directory(request.directory), files,
                                            request.believed.manifest.piece_length(), job);
  if (!pieces) return pieces.error();
  std::vector<ReusedFile> reused;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!(*pieces)[i].empty()) reused.push_back({request.files[i].index, (*pieces)[i]});
  return reused;
}

}  // namespace owrd::engine
