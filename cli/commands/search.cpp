#include <algorithm>

#include "cli/command.h"
#include "cli/listed.h"

namespace owrd::cli {
namespace {

struct SearchOptions {
  std::vector<std::string> terms;
  std::string audience;
  std::uint32_t limit = 0;
};

void add_flags(CLI::App& command, SearchOptions& options) {
  command.add_option("term", options.terms, "The beginning of a word; all of them must occur")
      ->required()
      ->type_name("TERM");
  command
      .add_option("--audience", options.audience,
                  "Only what says that it is for them: academic, research, individual, commercial "
                  "or government")
      ->type_name("WHO")
      ->check(CLI::IsMember({"academic", "research", "individual", "commercial", "government"}));
  command.add_option("--limit", options.limit, "At most so many (default: 100)")->type_name("N");
}

/// A release that is for anybody is for them.
bool is_for(const v1::ListedRecord& release, const std::string& audience) {
  const auto& audiences = release.audiences();
  return std::any_of(audiences.begin(), audiences.end(),
                     [&](const std::string& each) { return each == audience || each == "any"; });
}

Result<int> run_search(Context& context, const SearchOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::SearchRequest request;
  for (const auto& term : options.terms)
    request.set_text(request.text() + (request.text().empty() ? "" : " ") + term);
  request.set_limit(options.limit);
  auto reply = (*daemon)->client.call<v1::SearchReply>("Names/Search", request);
  if (!reply) return reply.error();
  if (!options.audience.empty()) {
    auto& releases = *reply->mutable_releases();
    releases.erase(std::remove_if(releases.begin(), releases.end(),
                                  [&](const v1::ListedRecord& release) {
                                    return !is_for(release, options.audience);
                                  }),
                   releases.end());
  }
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
