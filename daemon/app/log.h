#pragma once

#include <memory>
#include <string>

#include "daemon/app/config.h"

namespace spdlog {
class logger;
}

namespace owrd::app {

/// What the daemon tells its operator, a line at a time, to standard error or to the journal.
class Log {
 public:
  /// With LogFormat::Auto: the journal when standard error is connected to it (JOURNAL_STREAM,
  /// systemd.exec(5)), else text.
  Log(LogLevel level, LogFormat format);
  ~Log();

  void set_level(LogLevel level);
  void debug(const std::string& line) const;
  void info(const std::string& line) const;
  void error(const std::string& line) const;

 private:
  std::shared_ptr<spdlog::logger> logger_;
  bool is_json_;
};

/// `text` as the inside of a JSON string (RFC 8259 section 7).
std::string json_escaped(const std::string& text);

}  // namespace owrd::app
