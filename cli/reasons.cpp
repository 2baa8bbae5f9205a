#include "cli/reasons.h"

#include <array>
#include <string_view>

namespace owrd::cli {
namespace {

struct Row {
  std::string_view name;
  v1::NoticeReason reason;
};
constexpr std::array kRows = {
    Row{"defect", v1::NOTICE_REASON_DEFECT},         Row{"security", v1::NOTICE_REASON_SECURITY},
    Row{"legal", v1::NOTICE_REASON_LEGAL},           Row{"harm", v1::NOTICE_REASON_HARM},
    Row{"superseded", v1::NOTICE_REASON_SUPERSEDED}, Row{"other", v1::NOTICE_REASON_OTHER}};

}  // namespace

std::vector<std::string> reason_names() {
  std::vector<std::string> names;
  for (const auto& row : kRows) names.emplace_back(row.name);
  return names;
}

std::string reason_words() {
  std::string words;
  for (std::size_t i = 0; i < kRows.size(); ++i)
    words += (i == 0 ? "" : i + 1 == kRows.size() ? " or " : ", ") + std::string(kRows[i].name);
  return words;
}

v1::NoticeReason reason_of(const std::string& name) {
  for (const auto& row : kRows)
    if (row.name == name) return row.reason;
  return v1::NOTICE_REASON_UNSPECIFIED;
}

}  // namespace owrd::cli
