#pragma once

#include "cli/output.h"
#include "owrd/v1/control.pb.h"

/// The JSON records of what the feeds list; see records.h.
namespace owrd::cli {

Json listed_record(const v1::ListedRecord& release);
Json notice_record(const v1::NoticeRecord& notice);
Json channel_record(const v1::ChannelRecord& channel);
Json log_record(const v1::LogRecord& record);

}  // namespace owrd::cli
