#include "cli/listed.h"

#include <ctime>

#include "cli/name_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

/// "withdrawn" and "yanked" before "here": what keeps one from getting it comes first.
std::string state_of(const v1::ListedRecord& release) {
  std::vector<std::string> words;
  if (release.is_withdrawn()) words.emplace_back("withdrawn");
  if (release.is_yanked()) words.emplace_back("yanked");
  if (!release.stage().empty() && release.stage() != "public") words.push_back(release.stage());
  for (const auto& notice : release.notices())
    if (notice.kind() == "advisory") {
      words.emplace_back("advisory");
      break;
    }
  if (release.is_here()) words.emplace_back("here");
  return joined(words);
}

std::vector<Cell> row_of(const v1::ListedRecord& release, std::int64_t now) {
  return {release.ref(),
          {format_size(release.bytes()), std::to_string(release.bytes())},
          {age(release.listed(), now), format_time(release.listed())},
          joined(release.channels()),
          state_of(release),
          release.license(),
          release.summary()};
}

}  // namespace

void print_listed(Context& context,
                  const google::protobuf::RepeatedPtrField<v1::ListedRecord>& releases,
                  const std::string& nothing) {
  auto& output = context.output();
  Table table{
      {{"REF"}, {"SIZE", true}, {"LISTED"}, {"CHANNELS"}, {"STATE"}, {"LICENSE"}, {"SUMMARY"}}, {}};
  for (const auto& release : releases) {
    if (context.json())
      output.record(listed_record(release));
    else if (output.look().quiet)
      output.result(release.ref());
    else
      table.rows.push_back(row_of(release, std::time(nullptr)));
  }
  if (!table.rows.empty()) output.table(table);
  if (releases.empty()) output.note(nothing);
}

Result<v1::ResolveReply> resolve(Daemon& daemon, const std::string& ref, bool allow_stale) {
  v1::ResolveRequest request;
  request.set_ref(ref);
  request.set_allow_stale(allow_stale);
  return daemon.client.call<v1::ResolveReply>("Names/Resolve", request);
}

std::string pinned_ref(const v1::ListedRecord& release) {
  return release.ref() + "@sha256:" + release.release_id();
}

}  // namespace owrd::cli
