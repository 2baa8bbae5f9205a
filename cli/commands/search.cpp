#include "cli/command.h"
#include "cli/listed.h"

namespace owrd::cli {
namespace {

struct SearchOptions {
  std::vector<std::string> terms;
  std::uint32_t limit = 0;
};

void add_flags(CLI::App& command, SearchOptions& options) {
  command.add_option("term", options.terms, "The beginning of a word; all of them must occur")
      ->required()
      ->type_name("TERM");
  command.add_option("--limit", options.limit, "At most so many (default: 100)")->type_name("N");
}

Result<int> run_search(Context& context, const SearchOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::SearchRequest request;
  for (const auto& term : options.terms)
    request.set_text(request.text() + (request.text().empty() ? "" : " ") + term);
  request.set_limit(options.limit);
  const auto reply = (*daemon)->client.call<v1::SearchReply>("Names/Search", request);
  if (!reply) return reply.error();
  print_listed(context, reply->releases(),
               "nothing in the feeds of the pinned publishers; owrd publisher ls");
  if (reply->is_cut()) context.output().note("there are more: another word, or --limit N");
  return 0;
}

}  // namespace

void add_search(CommandLine& line) {
  add_command<SearchOptions>(
      line, line.root,
      {"search", kReleaseGroup, "Search what the pinned publishers list; asks nobody else",
       "owrd search atlas\nowrd search code apache --json | jq -r .ref"},
      add_flags, run_search);
}

}  // namespace owrd::cli
