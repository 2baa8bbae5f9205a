// Writes the vectors that lie in tests/vectors, for others to read and for later versions to keep:
//   owrd_make_vectors conformance DIR    every case, in a directory of its own
//   owrd_make_vectors golden DIR         every object; DIR must not be there, for what a version
//                                        once wrote is never written again

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/conformance/golden_objects.h"
#include "tests/conformance/vector_cases.h"

namespace owrd::conformance {
namespace {

bool write(const std::filesystem::path& directory, const std::string& name,
           const std::string& bytes) {
  std::filesystem::create_directories(directory);
  std::ofstream file(directory / name, std::ios::binary);
  file << bytes;
  file.close();
  if (file) return true;
  std::fprintf(stderr, "error: writing %s failed\n", (directory / name).c_str());
  return false;
}

bool write_cases(const std::filesystem::path& directory) {
  for (const auto& each : make_vector_cases())
    for (const auto& [name, bytes] : files_of(each))
      if (!write(directory / each.name, name, bytes)) return false;
  return true;
}

bool write_golden(const std::filesystem::path& directory) {
  if (std::filesystem::exists(directory)) {
    std::fprintf(stderr, "error: %s is there already, and golden objects are never replaced\n",
                 directory.c_str());
    return false;
  }
  const auto files = make_golden_objects();
  for (const auto& [name, bytes] : files)
    if (!write(directory, name, bytes)) return false;
  return write(directory, "expected.txt", describe_golden_objects(files));
}

}  // namespace
}  // namespace owrd::conformance

int main(int argc, char** argv) {
  using namespace owrd::conformance;
  const std::string what = argc == 3 ? argv[1] : "";
  if (what == "conformance") return write_cases(argv[2]) ? 0 : 1;
  if (what == "golden") return write_golden(argv[2]) ? 0 : 1;
  std::fprintf(stderr, "usage: owrd_make_vectors conformance|golden DIR\n");
  return 2;
}
