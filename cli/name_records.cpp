#include "cli/name_records.h"

#include "cli/records.h"
#include "daemon/core/units.h"

namespace owrd::cli {

Json listed_record(const v1::ListedRecord& release) {
  auto notices = Json::array();
  for (const auto& notice : release.notices()) notices.push_back(notice_record(notice));
  return Json{{"ref", release.ref()},
              {"petname", release.petname()},
              {"model", release.model()},
              {"version", release.version()},
              {"release_id", release.release_id()},
              {"infohash", release.infohash()},
              {"publisher_id", release.publisher_id()},
              {"bytes", release.bytes()},
              {"license", release.license()},
              {"summary", release.summary()},
              {"listed", time_or_null(release.listed())},
              {"channels", strings(release.channels())},
              {"notices", notices},
              {"yanked", release.is_yanked()},
              {"withdrawn", release.is_withdrawn()},
              {"stage", release.stage()},
              {"audiences", strings(release.audiences())},
              {"here", release.is_here()},
              {"record", release.record()}};
}

Json notice_record(const v1::NoticeRecord& notice) {
  return Json{{"kind", notice.kind()},
              {"reason", notice.reason()},
              {"text", notice.text()},
              {"issued", format_time(notice.issued())},
              {"advisories", strings(notice.advisories())},
              {"signed_by", strings(notice.signed_by())}};
}

Json channel_record(const v1::ChannelRecord& channel) {
  return Json{{"petname", channel.petname()},       {"model", channel.model()},
              {"channel", channel.channel()},       {"version", channel.version()},
              {"release_id", channel.release_id()}, {"set", time_or_null(channel.set())}};
}

Json log_record(const v1::LogRecord& record) {
  Json json{{"number", record.number()},
            {"added", format_time(record.added())},
            {"kind", record.kind()},
            {"text", record.text()}};
  if (record.has_release()) json["release"] = listed_record(record.release());
  if (record.has_channel()) json["channel"] = channel_record(record.channel());
  if (record.has_notice()) json["notice"] = notice_record(record.notice());
  if (record.root_version() != 0) json["root_version"] = record.root_version();
  return json;
}

}  // namespace owrd::cli
