#include "cli/release_diff.h"

#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

v1::FileRecord file(const std::string& path, std::uint64_t length, const std::string& root) {
  v1::FileRecord record;
  record.set_path(path);
  record.set_length(length);
  record.set_pieces_root(root);
  return record;
}

FileRecords files(const std::vector<v1::FileRecord>& list) { return {list.begin(), list.end()}; }

std::vector<std::string> lines_of(const std::vector<FileChange>& changes) {
  std::vector<std::string> lines;
  for (const auto& change : changes)
    lines.push_back(std::string(to_string(change.kind)) + " " + change.before_path +
                    (change.before_path.empty() ? "" : " to ") + change.path + " " +
                    std::to_string(change.before_bytes) + " " + std::to_string(change.after_bytes));
  return lines;
}

TEST(ReleaseDiff, IsByTheRootsOfTheFiles) {
  const auto before = files({file("config.json", 10, "c1"), file("gone", 5, "g"),
                             file("old-name", 900, "w"), file("same", 7, "s")});
  const auto after = files({file("config.json", 10, "c2"), file("new", 3, "n"),
                            file("new-name", 900, "w"), file("same", 7, "s")});

  EXPECT_EQ(lines_of(diff_files(before, after)),
            (std::vector<std::string>{"changed config.json 10 10", "removed gone 5 0",
                                      "added new 0 3", "moved old-name to new-name 900 900"}));
  EXPECT_EQ(new_bytes(before, after), 13U);
}

TEST(ReleaseDiff, CountsACopyOnce) {
  const auto before = files({file("a", 5, "r")});
  const auto after =
      files({file("a", 5, "r"), file("b", 5, "r"), file("c", 8, "n"), file("d", 8, "n")});

  EXPECT_EQ(lines_of(diff_files(before, after)),
            (std::vector<std::string>{"added b 0 5", "added c 0 8", "added d 0 8"}));
  EXPECT_EQ(new_bytes(before, after), 8U);
}

TEST(ReleaseDiff, TakesEmptyFilesForNoMove) {
  const auto before = files({file("a", 0, "")});
  const auto after = files({file("b", 0, "")});

  EXPECT_EQ(lines_of(diff_files(before, after)),
            (std::vector<std::string>{"removed a 0 0", "added b 0 0"}));
  EXPECT_EQ(diff_files(before, before).size(), 0U);
}

/// The fake answers each method alike, whatever the ref is: both sides are the same release.
class DiffCommand : public CliTest {
 protected:
  DiffCommand() {
    start_daemon();
    auto& release = *listed.mutable_release();
    release.set_ref("acme/atlas:1.2.0");
    release.set_release_id(std::string(64, 'b'));
    release.set_bytes(1000);
    release.set_license("Apache-2.0");
    auto& record = *stored.mutable_release();
    record.set_ref("acme/atlas:1.2.0");
    record.set_release_id(std::string(64, 'b'));
    record.set_bytes_total(1000);
    record.set_license("Apache-2.0");
    *stored.add_files() = file("a", 1000, "r");
    daemon->reply("Names/Resolve", listed);
    daemon->reply("Releases/Show", stored);
  }

  v1::ResolveReply listed;
  v1::ShowReleaseReply stored;
};

TEST_F(DiffCommand, ComparesTheFilesOfWhatIsInTheStore) {
  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1", "acme/atlas"}), 0) << err;

  EXPECT_EQ(daemon->last<v1::ShowReleaseRequest>("Releases/Show").ref(),
            "@sha256:" + std::string(64, 'b'));
  EXPECT_EQ(out, "");
  EXPECT_EQ(err,
            "size      1.0 kB -> 1.0 kB\nlicence   Apache-2.0, the same\nall files are the same\n");

  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1", "acme/atlas", "--json"}), 0);
  EXPECT_EQ(records().at(0)["by"], "files");
  EXPECT_EQ(records().at(0)["files"].size(), 0U);
  EXPECT_EQ(records().at(0)["bytes_new"], 0);
}

TEST_F(DiffCommand, ComparesWhatTheFeedListsOfWhatIsNotInTheStoreAndSaysSo) {
  daemon->fail("Releases/Show", {ErrorCode::NotFound, "not here", ""});

  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1", "acme/atlas"}), 0) << err;

  EXPECT_TRUE(says("acme/atlas:1.2.0 is not in the store: compared is only what the feed lists"))
      << err;
  EXPECT_TRUE(prints("size\t1000\t1000\n")) << out;
  EXPECT_TRUE(prints("license\tApache-2.0\tApache-2.0\n")) << out;

  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1", "acme/atlas", "--json"}), 0);
  EXPECT_EQ(records().at(0)["by"], "feed");
  EXPECT_FALSE(records().at(0).contains("files"));
}

TEST_F(DiffCommand, FindsWhatNoFeedListsInTheStore) {
  daemon->fail("Names/Resolve", {ErrorCode::NotFound, "no feed lists it", ""});

  EXPECT_EQ(run_owrd({"release", "diff", "bbbbbbbbbbbb", "bbbbbbbbbbbb"}), 0) << err;

  EXPECT_EQ(daemon->last<v1::ShowReleaseRequest>("Releases/Show").ref(), "bbbbbbbbbbbb");
}

TEST_F(DiffCommand, NeedsTwoReleases) {
  daemon->fail("Names/Resolve", {ErrorCode::NotFound, "no feed lists it", "owrd release ls"});
  daemon->fail("Releases/Show", {ErrorCode::NotFound, "not here", ""});
  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1", "acme/atlas"}), 13);
  EXPECT_EQ(err, "error: no feed lists it\n  hint: owrd release ls\n");

  daemon->fail("Names/Resolve", {ErrorCode::InvalidInput, "two publishers have an atlas", ""});
  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1", "acme/atlas"}), 64);
  EXPECT_EQ(run_owrd({"release", "diff", "acme/atlas:1"}), 64);
}

}  // namespace
}  // namespace owrd::cli
