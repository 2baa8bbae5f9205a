#include <ctime>
#include <map>

#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/records.h"
#include "cli/trust_records.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct RefreshOptions {
  std::string name;
};

void add_flags(CLI::App& command, RefreshOptions& options) {
  command
      .add_option("publisher", options.name,
                  "A petname, or at least 12 digits of a publisher id (default: all)")
      ->type_name("PUBLISHER");
}

/// What came of asking, and what is to be told of it in the end.
struct Refreshed {
  /// By petname: whether any source gave a head that holds.
  std::map<std::string, bool> answered;
  std::optional<v1::RefreshDone> done;
};

std::string sentence_of(const v1::RefreshSource& source) {
  const auto from = source.petname() + ": " + source.source();
  if (!source.problem().empty()) return from + " refused: " + source.problem();
  if (source.sequence() == 0) return from + " gave nothing new";
  return from + " gave head " + std::to_string(source.sequence()) +
         (source.is_news() ? ", which is news" : ", which was known");
}

Json record_of(const v1::RefreshSource& source) {
  return Json{{"type", "source"},
              {"petname", source.petname()},
              {"source", source.source()},
              {"sequence", source.sequence() == 0 ? Json() : Json(source.sequence())},
              {"news", source.is_news()},
              {"problem", source.problem().empty() ? Json() : Json(source.problem())}};
}

void take(Context& context, const v1::RefreshEvent& event, Refreshed& refreshed) {
  if (event.has_done()) refreshed.done = event.done();
  if (!event.has_source()) return;
  const auto& source = event.source();
  auto& is_answered = refreshed.answered[source.petname()];
  is_answered = is_answered || (source.sequence() > 0 && source.problem().empty());
  if (context.json())
    context.output().record(record_of(source));
  else
    context.output().note(sentence_of(source));
}

void print_publishers(Context& context, const v1::RefreshDone& done) {
  auto& output = context.output();
  Table table{{{"PETNAME"}, {"FRESHNESS"}, {"HEAD", true}, {"EXPIRES"}}, {}};
  for (const auto& publisher : done.publishers()) {
    if (context.json()) output.record(typed("publisher", publisher_record(publisher)));
    const auto expires = format_time(publisher.head_expires());
    table.rows.push_back({publisher.petname(), freshness_of(publisher, std::time(nullptr)),
                          std::to_string(publisher.head_sequence()),
                          publisher.head_sequence() == 0 ? std::string("-") : expires});
  }
  if (!context.json() && !output.look().quiet && !table.rows.empty()) output.table(table);
}

/// Not to get news is an error when nobody gave any: a mirror or a network that holds them back
/// must be noticed.
Result<int> judge(const Refreshed& refreshed) {
  std::string silent;
  for (const auto& [petname, is_answered] : refreshed.answered)
    if (!is_answered) silent += (silent.empty() ? "" : ", ") + petname;
  if (silent.empty()) return 0;
  return Error{ErrorCode::NoSources, "no source gave a head that holds: " + silent,
               "owrd publisher show PUBLISHER   (since when it is not fresh); try again later"};
}

Result<int> run_refresh(Context& context, const RefreshOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  v1::RefreshRequest request;
  request.set_name(options.name);
  Refreshed refreshed;
  const SignalTrap trap;
  const auto end = (*daemon)->client.stream<v1::RefreshEvent>(
      "Publishers/Refresh", request,
      [&](const v1::RefreshEvent& event) {
        take(context, event, refreshed);
        return true;
      },
      &trap);
  if (!end) return end.error();
  if (*end == StreamEnd::Signalled) {
    context.output().note("stopped; what was found by then is kept");
    return 128 + trap.caught();
  }
  if (!refreshed.done)
    return Error{ErrorCode::Internal,
                 "the daemon ended the refresh without saying what came of it"};
  print_publishers(context, *refreshed.done);
  return judge(refreshed);
}

}  // namespace

void add_publisher_refresh(CommandLine& line, CLI::App& group) {
  add_command<RefreshOptions>(
      line, group,
      {"refresh", kTrustGroup, "Ask all sources for news of a publisher, at once",
       "owrd publisher refresh acme\nowrd publisher refresh"},
      add_flags, run_refresh);
}

}  // namespace owrd::cli
