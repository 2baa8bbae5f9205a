#include "cli/output.h"

#include <algorithm>

namespace owrd::cli {
namespace {

constexpr std::string_view kReset = "\033[0m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kCyan = "\033[36m";
constexpr std::string_view kBold = "\033[1m";

std::string dump(const Json& record) {
  return record.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// The length of the well-formed UTF-8 sequence that `text` begins with, or 0.
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  return length;
}

/// C0 but tab, DEL, and C1 in UTF-8 (C2 80 to C2 9F).
bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return (first < 0x20 && first != '\t') || first == 0x7F;
  return sequence.size() == 2 && first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const auto have = text_width(text);
  const std::string fill(width > have ? width - have : 0, ' ');
  return to_the_right ? fill + text : text + fill;
}

/// A field of a tab-separated line: no tab in it.
std::string field(const std::string& text) {
  auto clean = printable(text);
  std::replace(clean.begin(), clean.end(), '\t', ' ');
  return clean;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0 || is_control(text.substr(0, length)))
      clean += '?';
    else
      clean += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Output::Output(std::ostream& out, std::ostream& err, Look look)
    : out_(out), err_(err), look_(std::move(look)) {}

void Output::result(std::string_view line) {
  erase_live();
  // A program gets it byte for byte; on a terminal a control character could do anything.
  out_ << (look_.out_is_terminal ? printable(line) : std::string(line)) << '\n' << std::flush;
}

void Output::lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    result(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void Output::record(const Json& record) {
  erase_live();
  out_ << dump(record) << '\n' << std::flush;
}

void Output::raw(std::string_view bytes) {
  erase_live();
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void Output::table(const Table& table) {
  erase_live();
  if (!look_.out_is_terminal) {
    for (const auto& row : table.rows) {
      for (std::size_t i = 0; i < row.size(); ++i)
        out_ << (i == 0 ? "" : "\t") << field(row[i].plain);
      out_ << '\n';
    }
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& column : table.columns) widths.push_back(text_width(column.name));
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], text_width(field(row[i].shown)));

  std::string header;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    header +=
        (i == 0 ? "" : "  ") + padded(table.columns[i].name, widths[i], table.columns[i].is_number);
  header = trimmed(header);
  if (!header.empty())
    out_ << (look_.color_out ? kBold : "") << header << (look_.color_out ? kReset : "") << '\n';
  for (const auto& row : table.rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line +=
          (i == 0 ? "" : "  ") + padded(field(row[i].shown), widths[i], table.columns[i].is_number);
    out_ << trimmed(line) << '\n';
  }
}

void Output::talk(std::string_view color, std::string_view mark, std::string_view line) {
  erase_live();
  if (!mark.empty() && look_.color_err)
    err_ << color << mark << kReset;
  else
    err_ << mark;
  err_ << printable(line) << '\n' << std::flush;
}

void Output::note(std::string_view line) {
  if (!look_.quiet) talk({}, {}, line);
}

void Output::good(std::string_view line) {
  if (!look_.quiet) talk(kGreen, look_.utf8 ? "✓ " : "ok: ", line);
}

void Output::bad(std::string_view line) { talk(kRed, look_.utf8 ? "✗ " : "bad: ", line); }

void Output::warning(std::string_view line) { talk(kYellow, "warning: ", line); }

void Output::hint(std::string_view line) {
  if (!look_.quiet) talk(kCyan, "hint: ", line);
}

void Output::debug(std::string_view line) {
  if (look_.debug) talk({}, "debug: ", line);
}

void Output::error(const Error& error) {
  const auto& facts = error_facts(error.code);
  failure(facts.exit_code, facts.name, error.message, error.hint);
}

void Output::failure(int exit_code, std::string_view name, const std::string& message,
                     const std::string& hint) {
  if (look_.json) {
    Json record{{"type", "error"}, {"code", exit_code}, {"name", name}, {"message", message}};
    if (!hint.empty()) record["hint"] = hint;
    talk_record(record);
    return;
  }
  talk(kRed, "error: ", message);
  if (!hint.empty()) talk(kCyan, "  hint: ", hint);
}

void Output::question(std::string_view text) {
  erase_live();
  err_ << printable(text) << std::flush;
}

void Output::talk_record(const Json& record) {
  erase_live();
  err_ << dump(record) << '\n' << std::flush;
}

void Output::live(const std::vector<std::string>& lines) {
  erase_live();
  for (const auto& line : lines) err_ << printable(line) << '\n';
  err_ << std::flush;
  live_lines_ = lines.size();
}

void Output::erase_live() {
  if (live_lines_ == 0) return;
  err_ << "\r\033[" << live_lines_ << "A\033[J";
  live_lines_ = 0;
}

Result<> Output::flush() {
  out_.flush();
  if (!out_) return Error{ErrorCode::Io, "standard output could not be written to"};
  return Done{};
}

}  // namespace owrd::cli
