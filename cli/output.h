#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::cli {

using Json = nlohmann::ordered_json;

/// How the output looks; see look_of().
struct Look {
  bool json = false;
  bool quiet = false;
  bool debug = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color_out = false;
  bool color_err = false;
  bool utf8 = true;
  std::function<unsigned()> width = [] { return 80U; };
};

/// What a person sees, and what a program gets through a pipe.
struct Cell {
  Cell(std::string both) : shown(both), plain(std::move(both)) {}
  Cell(std::string for_person, std::string for_program)
      : shown(std::move(for_person)), plain(std::move(for_program)) {}
  std::string shown;
  std::string plain;
};

struct Column {
  std::string name;
  bool is_number = false;  ///< Aligned to the right.
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

/// The one place that prints. Data goes to standard output, talk to standard error. All text is
/// plain: control characters in it, which may come from strangers, are replaced; colours are added
/// here.
class Output {
 public:
  Output(std::ostream& out, std::ostream& err, Look look);

  const Look& look() const { return look_; }

  /// Standard output: one line, one JSON record on a line, a table (aligned with a header on a
  /// terminal, else tab-separated without one; columns without names have no header at all), or
  /// bytes as they are.
  void result(std::string_view line);
  /// The same for each line of a text.
  void lines(std::string_view text);
  void record(const Json& record);
  void table(const Table& table);
  void raw(std::string_view bytes);

  /// Standard error. Notes, good news and hints are left out when quiet.
  void note(std::string_view line);
  void good(std::string_view line);
  void bad(std::string_view line);
  void warning(std::string_view line);
  void hint(std::string_view line);
  void debug(std::string_view line);
  /// `error: …` and `  hint: …`, or one JSON record.
  void error(const Error& error);
  /// The same for what has an exit code of its own.
  void failure(int exit_code, std::string_view name, const std::string& message,
               const std::string& hint);
  /// A question, without a line end.
  void question(std::string_view text);
  /// A JSON record on standard error.
  void talk_record(const Json& record);

  /// Lines at the bottom of standard error that the next call replaces; none takes them away. Only
  /// for a terminal.
  void live(const std::vector<std::string>& lines);

  /// Io when standard output did not take all of it.
  Result<> flush();

 private:
  void erase_live();
  void talk(std::string_view color, std::string_view mark, std::string_view line);

  std::ostream& out_;
  std::ostream& err_;
  Look look_;
  std::size_t live_lines_ = 0;
};

/// The text with every control character (C0 but tab, DEL, C1) replaced by "?", and broken UTF-8 as
/// well.
std::string printable(std::string_view text);
/// How many columns a text takes: its code points, for what owrd prints.
std::size_t text_width(std::string_view text);

}  // namespace owrd::cli
