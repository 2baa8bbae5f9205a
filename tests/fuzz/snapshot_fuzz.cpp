// Whatever the files of a folder say, what is suggested keeps the rules of descriptions and writes
// as a release.toml that reads as the same. The input is the files, each behind a NUL.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "daemon/card/lfs.h"
#include "daemon/card/release_toml.h"
#include "daemon/card/snapshot.h"
#include "daemon/release/description.h"
#include "tests/card/made_snapshot.h"

namespace {

constexpr const char* kPaths[] = {"README.md",
                                  "config.json",
                                  "tokenizer_config.json",
                                  "adapter_config.json",
                                  ".eval_results/a.yaml",
                                  ".git/config",
                                  ".git/HEAD",
                                  "LICENSE",
                                  ".cache/huggingface/download/LICENSE.metadata"};

void add_files(std::string_view text, owrd::card::testing::MadeSnapshot& snapshot) {
  for (const auto* path : kPaths) {
    const auto end = std::min(text.find('\0'), text.size());
    snapshot.with_text(path, std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  owrd::card::testing::MadeSnapshot snapshot;
  add_files(text, snapshot);
  auto suggested = owrd::card::suggest(snapshot);
  static_cast<void>(owrd::card::expected_digests(snapshot));

  const auto file = owrd::card::parse_release_toml(
      owrd::card::write_release_toml({suggested.said}, suggested.passed_over));
  if (!file || file->said.SerializeAsString() != suggested.said.SerializeAsString()) std::abort();
  for (const auto* path : kPaths) suggested.said.add_files()->set_path(path);
  if (!owrd::release::check_description(suggested.said)) std::abort();
  return 0;
}
