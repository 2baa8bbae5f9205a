#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "owrd/v1/trust.pb.h"

namespace CLI {
class App;
}

namespace owrd::cli {

/// What is the same in all commands that make a statement.
struct StatementOptions {
  std::string ref;
  std::string text;
  std::vector<std::string> evidence;
  std::string author_name;
  std::string key;
  std::string passphrase_file;
};
/// `is_text_needed`: there is nothing else that the statement could say.
void add_statement_flags(CLI::App& command, StatementOptions& options, bool is_text_needed);

struct Detail {
  std::string name;
  std::string value;  ///< Empty: not said.
};

/// Signs the statement here, and has the daemon keep and tell it.
Result<int> send_statement(Context& context, const StatementOptions& options,
                           v1::StatementKind kind, const std::vector<Detail>& details);

/// Those that the daemon knows of a release, or of all for an empty ref: what is for the publisher,
/// or what is for everybody.
Result<std::vector<v1::StatementRecord>> list_statements(Daemon& daemon, const std::string& ref,
                                                         bool is_feedback);

/// A table, ids, or records. `nothing` is said when there are none.
void print_statements(Context& context, const std::vector<v1::StatementRecord>& statements,
                      const std::string& nothing);

}  // namespace owrd::cli
