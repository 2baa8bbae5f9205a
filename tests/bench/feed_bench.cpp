// Times what it takes to believe a publisher of 10,000 releases and 20 roots from nothing, and to
// find a name in its feed, without the daemon around it, and tells what the next release costs its
// followers:
//   owrd_feed_bench [RELEASES [ROOTS [ROUNDS]]]
// Prints a line of JSON per round. The publisher is made in another process, so that the peak of
// memory is the reader's alone.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/release/bundle.h"
#include "daemon/release/naming.h"
#include "tests/support/made_feed.h"

namespace owrd::release {
namespace {

struct Arguments {
  int releases = 10'000;
  int roots = 20;
  int rounds = 3;
};

Digest digest_of(int number) {
  std::array<std::byte, Digest::kBytes> bytes{};
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes[i] = static_cast<std::byte>(number >> (8 * i));
  return Digest(bytes);
}

/// One of a hundred models: each has a version in a hundred of them.
v1::FeedRecord listing(int number) {
  auto record = MadeFeed::listing("model-" + std::to_string(number % 100),
                                  std::to_string(number / 100) + ".0.0", 0);
  auto& listed = *record.mutable_release();
  listed.set_release_id(digest_of(number).to_field());
  listed.set_infohash(digest_of(-1 - number).to_field());
  listed.set_bytes(70'000'000'000);
  listed.set_license("Apache-2.0");
  listed.set_summary("A model of which nobody has measured anything but how it is listed");
  listed.add_peers("203.0.113.7:29170");
  return record;
}

/// Roots come between the releases, as they would over the years.
void make_publisher(const Arguments& arguments, const std::filesystem::path& file) {
  MadeFeed publisher;
  const int between = arguments.releases / arguments.roots;
  for (int i = 0; i < arguments.releases; ++i) {
    publisher.append(listing(i));
    const bool is_root_due = (i + 1) % between == 0;
    if (is_root_due && static_cast<int>(publisher.roots.size()) < arguments.roots)
      publisher.rotate();
  }
  const auto announced = publisher.announce();
  v1::Bundle bundle;
  for (const auto& root : publisher.roots) bundle.add_roots(std::string(as_text(root)));
  bundle.set_head(std::string(as_text(announced.head.envelope().raw)));
  bundle.set_feed(std::string(as_text(announced.feed)));
  std::ofstream(file, std::ios::binary) << as_text(encode_bundle(bundle));
}

bool make_elsewhere(const Arguments& arguments, const std::filesystem::path& file) {
  const auto child = ::fork();
  if (child == 0) {
    make_publisher(arguments, file);
    ::_exit(0);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

Result<std::size_t> believe(ByteView bytes) {
  const auto bundle = parse_bundle(bytes);
  if (!bundle) return bundle.error();
  std::vector<Bytes> roots;
  for (const auto& root : bundle->roots()) roots.push_back(to_bytes(root));
  const auto chain = trust::RootChain::verify(roots);
  if (!chain) return chain.error();
  const auto head = trust::Head::parse(as_bytes(bundle->head()));
  if (!head) return head.error();
  const auto verdict = judge_feed({*chain}, *head, as_bytes(bundle->feed()), {}, MadeFeed::kStart);
  if (!verdict.news) return *verdict.error;
  const auto named = resolve_label(verdict.news->feed, "model-42", "latest");
  if (!named) return named.error();
  return verdict.news->feed.releases().size();
}

/// What a follower fetches after one more release: the torrent's metadata, and the files that it
/// does not have.
std::uint64_t update_bytes(const v1::Bundle& bundle) {
  std::vector<Bytes> roots;
  for (const auto& root : bundle.roots()) roots.push_back(to_bytes(root));
  const auto chain = trust::RootChain::verify(roots);
  auto feed = Feed::parse(as_bytes(bundle.feed()));
  const auto id = chain->publisher_id();
  const auto before = derive_feed_torrent(id, feed->bytes(), {});
  if (!feed->append(listing(1'000'000), MadeFeed::kStart)) return 0;
  const auto after = derive_feed_torrent(id, feed->bytes(), {});
  std::uint64_t bytes = after.info.size();
  for (std::size_t i = 0; i < after.files.size(); ++i)
    if (i >= before.files.size() || after.files[i].pieces_root != before.files[i].pieces_root)
      bytes += after.files[i].length;
  return bytes;
}

long peak_kib() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int run(const Arguments& arguments) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("owrd-feed-bench-" + std::to_string(::getpid()) + ".owrp");
  if (!make_elsewhere(arguments, file)) {
    std::fprintf(stderr, "error: making the publisher failed\n");
    return 1;
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  std::filesystem::remove(file);
  const auto ready = trust::initialise();
  if (!ready) return 1;
  for (int round = 0; round < arguments.rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const auto releases = believe(as_bytes(bytes));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!releases) {
      std::fprintf(stderr, "error: %s\n", releases.error().message.c_str());
      return 1;
    }
    std::printf(
        "{\"releases\": %zu, \"roots\": %d, \"bytes\": %zu, \"seconds\": %.4f, "
        "\"peak_mib\": %.1f}\n",
        *releases, arguments.roots, bytes.size(), took.count(),
        static_cast<double>(peak_kib()) / 1024);
  }
  std::printf("{\"bytes_of_an_update_by_one_release\": %llu}\n",
              static_cast<unsigned long long>(update_bytes(*parse_bundle(as_bytes(bytes)))));
  return 0;
}

}  // namespace
}  // namespace owrd::release

int main(int argc, char** argv) {
  owrd::release::Arguments arguments;
  if (argc > 1) arguments.releases = std::stoi(argv[1]);
  if (argc > 2) arguments.roots = std::stoi(argv[2]);
  if (argc > 3) arguments.rounds = std::stoi(argv[3]);
  if (argc > 4 || arguments.roots < 1 || arguments.releases < arguments.roots) {
    std::fprintf(stderr, "usage: owrd_feed_bench [RELEASES [ROOTS [ROUNDS]]]\n");
    return 2;
  }
  return owrd::release::run(arguments);
}
