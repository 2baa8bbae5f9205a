// Times what owrd does with the files of a directory, without the daemon around it:
//   owrd_content_bench prepare|verify [--cold] DIR [PIECE_KIB [ROUNDS]]
// prepare is hash_files(), both digests; verify is check_files(), merkle alone. Prints a line of
// JSON per round. --cold drops the files from the page cache before each.

#include <fcntl.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/descriptor.h"
#include "daemon/content/hashing.h"

namespace owrd::content {
namespace {

struct Arguments {
  bool verifies = false;
  bool is_cold = false;
  std::string directory;
  std::uint64_t piece_length = 4 * 1024 * 1024;
  int rounds = 1;
};

std::optional<Arguments> parse(std::vector<std::string> words) {
  Arguments arguments;
  arguments.is_cold = std::erase(words, "--cold") > 0;
  if (words.size() < 2 || words.size() > 4) return std::nullopt;
  if (words[0] != "prepare" && words[0] != "verify") return std::nullopt;
  arguments.verifies = words[0] == "verify";
  arguments.directory = words[1];
  if (words.size() > 2) arguments.piece_length = std::stoull(words[2]) * 1024;
  if (words.size() > 3) arguments.rounds = std::stoi(words[3]);
  if (!hash::is_valid_piece_length(arguments.piece_length)) return std::nullopt;
  return arguments;
}

/// All regular files, whatever they are.
std::vector<ScannedFile> list(const std::string& directory) {
  std::vector<ScannedFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const auto path = entry.path().lexically_relative(directory).string();
    if (const auto identity = identify(directory, path); identity)
      files.push_back({path, *identity, v1::FILE_ROLE_OTHER});
  }
  return files;
}

double cpu_seconds() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void drop_from_page_cache(const std::string& directory, const std::vector<ScannedFile>& files) {
  for (const auto& file : files)
    if (const auto opened = open_file(directory, file.path); opened)
      ::posix_fadvise(opened->get(), 0, 0, POSIX_FADV_DONTNEED);
}

std::vector<ExpectedFile> expect(const std::vector<ScannedFile>& files,
                                 const std::vector<hash::FileDigests>& digests) {
  std::vector<ExpectedFile> expected;
  for (std::size_t i = 0; i < files.size(); ++i)
    expected.push_back(
        {files[i].path, files[i].identity.size, digests[i].layer, digests[i].pieces_root});
  return expected;
}

/// Runs `work` in rounds and says how long each took. False when it fails.
template <class Work>
bool measure(const Arguments& arguments, const std::vector<ScannedFile>& files, const Work& work) {
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.identity.size;
  for (int round = 0; round < arguments.rounds; ++round) {
    if (arguments.is_cold) drop_from_page_cache(arguments.directory, files);
    const auto cpu = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    if (!work()) return false;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("{\"bytes\": %llu, \"seconds\": %.4f, \"cpu_seconds\": %.4f, \"gb_per_s\": %.3f}\n",
                static_cast<unsigned long long>(bytes), took.count(), cpu_seconds() - cpu,
                static_cast<double>(bytes) / took.count() / 1e9);
  }
  return true;
}

int fail(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return 1;
}

int run(const Arguments& arguments) {
  const auto files = list(arguments.directory);
  const auto prepare = [&] {
    return hash_files(arguments.directory, files, arguments.piece_length, {});
  };
  if (!arguments.verifies)
    return measure(arguments, files, [&] { return static_cast<bool>(prepare()); }) ? 0 : 1;

  const auto digests = prepare();
  if (!digests) return fail(digests.error().message);
  const auto expected = expect(files, *digests);
  const auto verify = [&] {
    const auto checked = check_files(arguments.directory, expected, arguments.piece_length, {});
    for (const auto& file : *checked)
      if (file.state != CheckedFile::State::Good) return false;
    return true;
  };
  return measure(arguments, files, verify) ? 0 : 1;
}

}  // namespace
}  // namespace owrd::content

int main(int argc, char** argv) {
  const auto arguments = owrd::content::parse({argv + 1, argv + argc});
  if (!arguments) {
    std::fprintf(stderr,
                 "usage: owrd_content_bench prepare|verify [--cold] DIR [PIECE_KIB [ROUNDS]]\n");
    return 2;
  }
  return owrd::content::run(*arguments);
}
