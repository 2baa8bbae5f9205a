#include "cli/progress.h"

#include <algorithm>

#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

constexpr unsigned kMostCells = 24;
constexpr unsigned kLeastCells = 4;
/// From here on there is room for every word.
constexpr unsigned kRoomyColumns = 100;
constexpr const char* kVerified = " verified";
constexpr int kMostFiles = 6;
constexpr unsigned kPlainStepPercent = 5;
constexpr const char* kHashing = "hashing";

unsigned percent_number(std::uint64_t part, std::uint64_t whole) {
  if (part >= whole) return 100;
  return static_cast<unsigned>(static_cast<double>(part) / static_cast<double>(whole) * 100.0);
}

/// Code points from the beginning and the end, with an ellipsis between, so that it takes at most
/// `width` columns.
std::string shortened(const std::string& text, std::size_t width, bool utf8) {
  if (text_width(text) <= width) return text;
  const std::string dots = utf8 ? "…" : "..";
  const auto keep = width > text_width(dots) ? width - text_width(dots) : 0;
  std::vector<std::string> points;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) points.emplace_back();
    points.back() += c;
  }
  const auto tail = keep * 2 / 3;
  std::string result;
  for (std::size_t i = 0; i < keep - tail; ++i) result += points[i];
  result += dots;
  for (auto i = points.size() - tail; i < points.size(); ++i) result += points[i];
  return result;
}

std::string left_aligned(const std::string& text, std::size_t width) {
  const auto have = text_width(text);
  return width > have ? text + std::string(width - have, ' ') : text;
}

std::string right_aligned(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

/// Never wider than the terminal, or redrawing would leave half lines behind.
std::string fitting(const std::string& line, const BarLook& look) {
  return shortened(line, look.width > 1 ? look.width - 1 : 1, look.utf8);
}

struct Row {
  std::string name;
  std::uint64_t part;
  std::uint64_t whole;
  std::string rest;  ///< After the sizes.
};

/// Name, bar, percent, sizes, rest. The bar takes what room the others leave, and may be left out.
std::string render_row(const Row& row, std::size_t name_width, const BarLook& look) {
  const auto name = left_aligned(shortened(row.name, name_width, look.utf8), name_width);
  const auto numbers = right_aligned(percent(row.part, row.whole), 4) + "  " +
                       size_of(row.part, row.whole) + row.rest;
  const auto taken = text_width(name) + 2 + 1 + text_width(numbers);
  const auto room = look.width > taken + 1 ? look.width - 1 - taken : 0;
  if (room < kLeastCells) return name + "  " + numbers;
  const auto cells = std::min(kMostCells, static_cast<unsigned>(room));
  return name + "  " + render_bar(row.part, row.whole, cells, look.utf8) + " " + numbers;
}

/// All names in one column, except where that would leave no room for the bar.
std::vector<std::string> render_rows(const std::vector<Row>& rows, const BarLook& look) {
  std::size_t widest = 0;
  for (const auto& row : rows) widest = std::max(widest, text_width(row.name));
  const auto name_width = std::min(widest, std::max<std::size_t>(look.width / 3, 10));
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    const bool is_long =
        name_width + text_width(row.rest) + kMostCells > look.width / 2 && !row.rest.empty();
    lines.push_back(render_row(row, is_long ? text_width(row.name) : name_width, look));
  }
  return lines;
}

/// "  412.0 MB/s  ETA 2m58s  38 peers (31 seeds)"
std::string flow_of(const v1::TransferProgress& progress) {
  const auto& release = progress.release();
  std::string text = "  " + format_size(release.download_rate()) + "/s";
  if (progress.eta_seconds() > 0)
    text += "  ETA " + format_duration(std::chrono::seconds(progress.eta_seconds()));
  text += "  " + count_of(release.peers(), "peer");
  if (release.seeds() > 0) text += " (" + count_of(release.seeds(), "seed") + ")";
  return text;
}

/// While nothing is known of the sizes there is nothing to draw.
bool has_size(const v1::TransferProgress& progress) {
  return progress.release().bytes_wanted() > 0;
}

std::string state_line(const v1::TransferProgress& progress) {
  const auto& release = progress.release();
  auto text = state_name(release.state());
  if (release.state() == v1::RELEASE_STATE_RESOLVING)
    text += "  " + count_of(release.peers(), "peer");
  return text;
}

std::string seeding_line(const v1::ReleaseRecord& release) {
  return "seeding  " + format_size(release.upload_rate()) + "/s up  " +
         format_size(release.bytes_uploaded()) + " given  " + count_of(release.peers(), "peer");
}

}  // namespace

Result<ProgressMode> parse_progress_mode(const std::string& text, bool err_is_terminal) {
  if (text.empty() || text == "auto")
    return err_is_terminal ? ProgressMode::Bar : ProgressMode::Plain;
  if (text == "bar") return ProgressMode::Bar;
  if (text == "plain") return ProgressMode::Plain;
  if (text == "json") return ProgressMode::JsonLines;
  if (text == "none") return ProgressMode::None;
  return Error{ErrorCode::InvalidInput,
               "progress: \"" + text + "\" is none of auto, bar, plain, json, none",
               "owrd help environment"};
}

std::string render_bar(std::uint64_t part, std::uint64_t whole, unsigned cells, bool utf8) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double share = part >= whole ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
  const auto eighths = static_cast<unsigned>(share * cells * 8);
  const auto full = eighths / 8;
  std::string bar;
  for (unsigned i = 0; i < full; ++i) bar += utf8 ? "█" : "#";
  auto used = full;
  if (utf8 && eighths % 8 != 0) {
    bar += kEighths[eighths % 8];
    ++used;
  }
  return bar + std::string(cells - used, utf8 ? ' ' : '-');
}

std::string transfer_line(const v1::TransferProgress& progress) {
  const auto& release = progress.release();
  std::string line;
  if (release.state() == v1::RELEASE_STATE_SEEDING)
    line = seeding_line(release);
  else if (has_size(progress))
    line = percent(release.bytes_verified(), release.bytes_wanted()) + "  " +
           size_of(release.bytes_verified(), release.bytes_wanted()) + kVerified +
           flow_of(progress);
  else
    line = state_line(progress);
  if (!release.detail().empty()) line += "  waiting: " + release.detail();
  return line;
}

std::string hashing_line(const v1::HashProgress& progress) {
  return "hashed " + percent(progress.bytes_done(), progress.bytes_total()) + "  " +
         size_of(progress.bytes_done(), progress.bytes_total());
}

std::vector<std::string> render_transfer(const v1::TransferProgress& progress,
                                         const BarLook& look) {
  const auto& release = progress.release();
  std::vector<std::string> lines;
  if (release.state() == v1::RELEASE_STATE_SEEDING) {
    lines.push_back(seeding_line(release));
  } else if (has_size(progress)) {
    std::vector<Row> rows;
    for (const auto& file : progress.active()) {
      if (rows.size() == kMostFiles) break;
      rows.push_back(Row{file.path(), file.bytes_verified(), file.length(), ""});
    }
    const auto* unit = look.width >= kRoomyColumns ? kVerified : "";
    rows.push_back(
        Row{"total", release.bytes_verified(), release.bytes_wanted(), unit + flow_of(progress)});
    lines = render_rows(rows, look);
  } else {
    lines.push_back(state_line(progress));
  }
  if (!release.detail().empty()) lines.push_back("waiting: " + release.detail());
  for (auto& line : lines) line = fitting(line, look);
  return lines;
}

std::vector<std::string> render_hashing(const v1::HashProgress& progress, const BarLook& look) {
  auto lines = render_rows(
      {Row{"hashing " + progress.file(), progress.bytes_done(), progress.bytes_total(), ""}}, look);
  for (auto& line : lines) line = fitting(line, look);
  return lines;
}

Progress::Progress(Output& output, ProgressMode mode, std::function<SteadyTime()> now)
    : output_(output), mode_(mode), now_(std::move(now)) {}

bool Progress::is_due(const Mark& mark) {
  const auto now = now_();
  const bool is_new = !shown_at_ || mark.kind != shown_.kind || mark.detail != shown_.detail;
  bool is_due = is_new;
  if (!is_new) {
    const auto since = now - *shown_at_;
    if (mode_ == ProgressMode::Bar) is_due = since >= std::chrono::milliseconds(100);
    if (mode_ == ProgressMode::JsonLines || mode_ == ProgressMode::Records)
      is_due = since >= std::chrono::seconds(1);
    if (mode_ == ProgressMode::Plain)
      is_due =
          since >= std::chrono::seconds(30) || mark.percent >= shown_.percent + kPlainStepPercent;
  }
  if (!is_due) return false;
  shown_at_ = now;
  shown_ = mark;
  return !(mode_ == ProgressMode::Plain && is_new && mark.kind == kHashing);
}

void Progress::transfer(const v1::TransferProgress& progress) {
  if (mode_ == ProgressMode::None) return;
  const auto& release = progress.release();
  if (!is_due({"transfer", percent_number(release.bytes_verified(), release.bytes_wanted()),
               state_name(release.state()) + release.detail()}))
    return;
  switch (mode_) {
    case ProgressMode::Bar:
      output_.live(render_transfer(progress, {output_.look().width(), output_.look().utf8}));
      return;
    case ProgressMode::Plain:
      output_.note(transfer_line(progress));
      return;
    case ProgressMode::JsonLines:
      output_.talk_record(progress_record(progress));
      return;
    case ProgressMode::Records:
      output_.record(progress_record(progress));
      return;
    case ProgressMode::None:
      return;
  }
}

void Progress::hashing(const v1::HashProgress& progress) {
  if (mode_ == ProgressMode::None) return;
  if (!is_due({kHashing, percent_number(progress.bytes_done(), progress.bytes_total()), ""}))
    return;
  switch (mode_) {
    case ProgressMode::Bar:
      output_.live(render_hashing(progress, {output_.look().width(), output_.look().utf8}));
      return;
    case ProgressMode::Plain:
      output_.note(hashing_line(progress));
      return;
    case ProgressMode::JsonLines:
      output_.talk_record(hashing_record(progress));
      return;
    case ProgressMode::Records:
      output_.record(hashing_record(progress));
      return;
    case ProgressMode::None:
      return;
  }
}

void Progress::end() {
  if (mode_ == ProgressMode::Bar) output_.live({});
  shown_at_.reset();
}

}  // namespace owrd::cli
