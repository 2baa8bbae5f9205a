#include "daemon/content/looking.h"

#include <gtest/gtest.h>

#include "daemon/content/audit_report.h"
#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

/// os.system("x"), which never runs.
const std::string kPickle = "cos\nsystem\n(S'x'\ntR.";

std::string safetensors(const std::string& name) {
  const auto header = "{\"" + name + R"(":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  return std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header +
         "\1\2\3\4\5\6\7\10";
}

TEST(AuditFiles, SaysOfEachFileWhatItIs) {
  const TemporaryDirectory directory;
  put(directory / "a.safetensors", safetensors("a"));
  put(directory / "b/bad.pkl", kPickle);
  const auto audited =
      audit_files(directory, {"a.safetensors", "b/bad.pkl", "gone.json"}, JobContext());
  ASSERT_TRUE(audited);
  ASSERT_EQ(audited->size(), 3U);
  EXPECT_EQ(weights::worst((*audited)[0].findings), weights::Severity::Pass);
  EXPECT_EQ((*audited)[1].findings.front().rule, "pickle.dangerous");
  EXPECT_EQ((*audited)[2].findings.front().rule, "file.unreadable");

  const auto judged = judge_audit(*audited, {"file.unreadable"}, "do this:");
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().code, ErrorCode::Unsafe);
  EXPECT_TRUE(judged.error().message.starts_with("the audit refuses b/bad.pkl: pickle.dangerous"));
  EXPECT_EQ(judged.error().hint, "do this: --allow pickle");
  EXPECT_TRUE(judge_audit(*audited, {"file", "pickle.dangerous"}, ""));

  const auto record = audit_record(*audited, {"pickle"}, "because", 7);
  EXPECT_EQ(record.result(), v1::AUDIT_RESULT_FAIL);
  EXPECT_EQ(record.findings_size(), 2);
  EXPECT_EQ(record.override_reason(), "because");
  EXPECT_EQ(record.performed(), 7);
}

TEST(AuditRecord, HoldsNoMoreThanAManifestCan) {
  std::vector<AuditedFile> files;
  for (int i = 0; i < 600; ++i)
    files.push_back({"f" + std::to_string(i),
                     {{"code.python", weights::Severity::Warn, "line\nbreak \x01", ""}}});
  const auto record = audit_record(files, {}, "", 1);
  ASSERT_EQ(record.findings_size(), 501);
  EXPECT_EQ(record.findings(500).text(), "100 more findings.");
  EXPECT_EQ(record.findings(0).text().find('\n'), std::string::npos);
  EXPECT_EQ(record.result(), v1::AUDIT_RESULT_WARN);
}

TEST(InspectWeights, ReadsHeadersAndNamesWhatCannotBeRead) {
  const TemporaryDirectory directory;
  put(directory / "a.safetensors", safetensors("a"));
  put(directory / "b.safetensors", safetensors("a").substr(0, 30));
  put(directory / "README.md", "# A");
  const auto inspected =
      inspect_weights(directory, {"README.md", "a.safetensors", "b.safetensors"}, JobContext());
  ASSERT_TRUE(inspected);
  ASSERT_EQ(inspected->files.size(), 1U);
  EXPECT_EQ(inspected->files.front().name, "a.safetensors");
  const auto described = describe_tensors(inspected->files.front());
  ASSERT_EQ(described.tensors_size(), 1);
  EXPECT_EQ(described.tensors(0).end() - described.tensors(0).begin(), 8U);
  const auto back = shard_of(described);
  EXPECT_EQ(back.inventory.format, weights::Format::Safetensors);
  EXPECT_EQ(back.inventory.tensors.front().shape, std::vector<std::uint64_t>{2});
  EXPECT_EQ(weights::parameter_count(back.inventory), 2U);
}

TEST(WeightSetsOfADirectory, FollowItsIndexes) {
  const TemporaryDirectory directory;
  put(directory / "x.safetensors", safetensors("a"));
  put(directory / "y.safetensors", safetensors("b"));
  put(directory / "model.safetensors.index.json",
      R"({"weight_map":{"a":"x.safetensors","b":"y.safetensors"}})");
  const std::vector<std::string> paths = {"model.safetensors.index.json", "x.safetensors",
                                          "y.safetensors"};
  const auto inspected = inspect_weights(directory, paths, JobContext());
  ASSERT_TRUE(inspected);
  const auto sets = weight_sets(directory, paths, inspected->files);
  ASSERT_TRUE(sets) << sets.error().message;
  ASSERT_EQ(sets->size(), 1U);
  EXPECT_EQ(sets->front().name, "model.safetensors.index.json");
}

}  // namespace
}  // namespace owrd::content
