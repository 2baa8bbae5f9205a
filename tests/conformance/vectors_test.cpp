#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/conformance/golden_objects.h"
#include "tests/conformance/vector_cases.h"
#include "tests/content/temporary_directory.h"

namespace owrd::conformance {
namespace {

using content::content_of;

const std::filesystem::path kVectors = OWRD_VECTORS_DIR;

std::string without_newline(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::vector<std::filesystem::path> case_directories() {
  std::vector<std::filesystem::path> directories;
  for (const auto& entry : std::filesystem::directory_iterator(kVectors / "conformance"))
    if (entry.is_directory()) directories.push_back(entry.path());
  return directories;
}

/// The directories alone decide: a case is added by adding one.
TEST(ConformanceVectors, ComeToTheirResultsOrReasons) {
  const auto directories = case_directories();
  EXPECT_GE(directories.size(), 20U);
  for (const auto& directory : directories) {
    SCOPED_TRACE(directory.filename());
    const bool fails = directory.filename().string().ends_with("_fail");
    const auto verdict = judge_vector(to_bytes(content_of(directory / "known.owrp")),
                                      to_bytes(content_of(directory / "offered.owrp")),
                                      std::stoll(content_of(directory / "now")));
    EXPECT_EQ(verdict, without_newline(content_of(directory / (fails ? "reason" : "result"))));
    EXPECT_EQ(verdict.starts_with("head ") && verdict.find(" of root ") != std::string::npos,
              !fails);
    EXPECT_NE(content_of(directory / "README.md"), "");
  }
}

/// What lies there is what make_vectors writes, so that nobody mends a case by hand.
TEST(ConformanceVectors, AreWhatTheirMakerWrites) {
  std::set<std::string> made;
  for (const auto& each : make_vector_cases()) {
    SCOPED_TRACE(each.name);
    made.insert(each.name);
    for (const auto& [name, bytes] : files_of(each))
      EXPECT_TRUE(content_of(kVectors / "conformance" / each.name / name) == bytes)
          << name << ": owrd_make_vectors conformance tests/vectors/conformance";
  }
  for (const auto& directory : case_directories())
    EXPECT_EQ(made.count(directory.filename().string()), 1U) << directory;
}

/// Whatever is signed today stays believed.
TEST(GoldenObjects, AreReadAsTheyWereByEveryLaterVersion) {
  for (const auto* version : {"golden-v1"}) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(kVectors / version))
      files[entry.path().filename().string()] = content_of(entry.path());
    ASSERT_EQ(files.count("expected.txt"), 1U);
    EXPECT_EQ(describe_golden_objects(files), files.at("expected.txt"));
    EXPECT_EQ(files.at("expected.txt").find("refused"), std::string::npos);
  }
}

}  // namespace
}  // namespace owrd::conformance
