#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/weights/audit.h"
#include "daemon/weights/inspect.h"
#include "tests/weights/made_bytes.h"

// Holds the audit against a collection of real and of malicious files, when it is there. Nothing of
// it is ever unpickled or run.
namespace owrd::weights {
namespace {

struct Row {
  std::string path, kind, note, verdict;
};

std::filesystem::path data_folder() {
  const char* set = std::getenv("OWRD_SHARED_DATA");
  return set != nullptr ? set : OWRD_SHARED_DATA_DIR;
}

std::vector<Row> read_index() {
  std::ifstream index(data_folder() / "INDEX.tsv");
  std::vector<Row> rows;
  for (std::string line; std::getline(index, line);) {
    std::istringstream fields(line);
    std::string field;
    std::vector<std::string> columns;
    while (std::getline(fields, field, '\t')) columns.push_back(field);
    columns.resize(11);
    if (columns[0] != "split") rows.push_back({columns[1], columns[2], columns[9], columns[10]});
  }
  return rows;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

/// Made to do harm when it is opened. The vectors of the scanners are, but for those named benign
/// and those that are only there for their form.
bool is_malicious(const Row& row) {
  if (row.kind != "pickle-vector") return false;
  for (const auto* harmless :
       {"benign", "int_arrays.npz", "new_pytorch_model.bin", "password_protected.zip"})
    if (holds(row.path, harmless)) return false;
  return true;
}

/// Whole, and in a format that runs nothing, or a checkpoint that weights_only takes.
bool is_benign(const Row& row) {
  if (row.kind == "safetensors") return true;
  if (row.kind == "gguf") return holds(row.verdict, "accept") && !holds(row.verdict, "TRUNCATED");
  if (row.kind == "gguf-vector")
    return holds(row.path, ".ok.") && !holds(row.verdict, "TRUNCATED-DATA");
  if (row.kind == "torch" || row.kind == "release-dir")
    return holds(row.verdict, "weights_only_static=yes");
  return false;
}

std::string group_of(const Row& row) {
  if (is_malicious(row)) return "malicious";
  if (is_benign(row)) return "benign " + row.kind;
  return "other " + row.kind;
}

bool is_looked_at(const Row& row) {
  for (const auto* kind : {"torrent", "torrent-model-release", "licence", "card", "split"})
    if (row.kind == kind) return false;
  return true;
}

std::string line_of(const Finding& finding) {
  return "\n  " + std::string(to_string(finding.severity)) + " " + finding.rule + ": " +
         finding.message + " (" + finding.detail.substr(0, 200) + ")";
}

std::string report(const Findings& findings) {
  std::string text;
  for (const auto& finding : findings) text += line_of(finding);
  return text;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

using Table = std::map<std::string, std::map<std::string, std::size_t>>;

void print(const Table& table) {
  std::cout << "\n" << std::left;
  std::cout.width(32);
  std::cout << "files"
            << "  pass  warn  fail\n";
  for (const auto& [group, counts] : table) {
    std::cout.width(32);
    std::cout << group;
    for (const auto* severity : {"pass", "warn", "fail"}) {
      const auto found = counts.find(severity);
      std::cout << "  " << (found == counts.end() ? 0 : found->second) << "\t";
    }
    std::cout << "\n";
  }
}

TEST(SharedData, HasNoMaliciousFileCleanAndNoBenignOneRefused) {
  const auto rows = read_index();
  if (rows.empty()) GTEST_SKIP() << "no collection of real files at " << data_folder();

  Table table;
  for (const auto& row : rows) {
    if (!is_looked_at(row)) continue;
    auto bytes = read_file(data_folder() / row.path);
    if (!bytes) continue;
    TextSource source(*std::move(bytes));
    const auto findings = audit(row.path, source);
    const auto severity = worst(findings);
    ++table[group_of(row)][std::string(to_string(severity))];
    if (std::getenv("OWRD_SHARED_DATA_VERBOSE") != nullptr)
      std::cout << group_of(row) << " " << row.path << report(findings) << "\n";
    EXPECT_TRUE(!is_malicious(row) || severity == Severity::Fail) << row.path << report(findings);
    EXPECT_TRUE(!is_benign(row) || severity != Severity::Fail) << row.path << report(findings);
  }
  print(table);

  EXPECT_GT(table["malicious"]["fail"], 0U);
}

/// What the reference readers say of the vectors made for them is in the last column.
TEST(SharedData, RefusesWhatTheReferenceReadersRefuse) {
  const auto rows = read_index();
  if (rows.empty()) GTEST_SKIP() << "no collection of real files at " << data_folder();

  std::size_t refused = 0, accepted = 0, stricter = 0;
  for (const auto& row : rows) {
    if (row.kind != "safetensors-vector" && row.kind != "gguf-vector") continue;
    auto bytes = read_file(data_folder() / row.path);
    if (!bytes) continue;
    TextSource source(*std::move(bytes));
    const auto inventory = inspect(row.path, source);
    const bool is_rejected = holds(row.verdict, "REJECT");
    // Types that only forks know are listed, with a warning.
    EXPECT_FALSE(is_rejected && inventory && inventory->warnings.empty())
        << row.path << " " << row.verdict;
    refused += is_rejected && !inventory ? 1U : 0U;
    if (!is_rejected && inventory) ++accepted;
    if (!is_rejected && !inventory) {
      ++stricter;
      std::cout << "stricter: " << row.path << ": " << inventory.error().message << "\n";
    }
    if (!inventory) continue;
    for (const auto& tensor : inventory->tensors)
      EXPECT_LE(tensor.bytes.value_or(ByteRange{}).end, source.size());
  }
  std::cout << "both refuse " << refused << ", both accept " << accepted << ", only we refuse "
            << stricter << "\n";
}

}  // namespace
}  // namespace owrd::weights
