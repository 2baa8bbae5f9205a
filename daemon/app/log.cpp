#include "daemon/app/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace owrd::app {
namespace {

/// JOURNAL_STREAM holds "device:inode" of the journal's end of standard error.
bool is_journal(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (!stream || ::fstat(descriptor, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

std::string json_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    } else {
      out += c;
    }
  }
  return out;
}

Log::Log(LogLevel level, LogFormat format) : is_json_(format == LogFormat::Json) {
  const bool to_journal =
      format == LogFormat::Journal || (format == LogFormat::Auto && is_journal(STDERR_FILENO));
  if (to_journal) {
    logger_ = std::make_shared<spdlog::logger>(
        "owrdd", std::make_shared<spdlog::sinks::systemd_sink_st>("owrdd"));
  } else {
    logger_ = std::make_shared<spdlog::logger>("owrdd",
                                               std::make_shared<spdlog::sinks::stderr_sink_st>());
    logger_->set_pattern(is_json_ ? R"({"time":"%Y-%m-%dT%H:%M:%SZ","level":"%l","message":"%v"})"
                                  : "%Y-%m-%dT%H:%M:%SZ %l: %v",
                         spdlog::pattern_time_type::utc);
  }
  set_level(level);
}

Log::~Log() = default;

void Log::set_level(LogLevel level) { logger_->set_level(level_of(level)); }

void Log::debug(const std::string& line) const {
  logger_->debug("{}", is_json_ ? json_escaped(line) : line);
}
void Log::info(const std::string& line) const {
  logger_->info("{}", is_json_ ? json_escaped(line) : line);
}
void Log::error(const std::string& line) const {
  logger_->error("{}", is_json_ ? json_escaped(line) : line);
}

}  // namespace owrd::app
