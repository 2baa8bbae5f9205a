#pragma once

#include "daemon/engine/views.h"
#include "owrd/v1/control.pb.h"

/// The engine's values, as clients are told them. Text that may hold any bytes (paths, causes) is
/// made valid UTF-8.
namespace owrd::control {

v1::PublisherRecord to_record(const engine::PublisherView& view);
v1::ReleaseRecord to_record(const engine::ReleaseView& view);
v1::FileRecord to_record(const engine::FileView& view);

v1::ShowReleaseReply to_reply(const engine::ReleaseDetails& details);
v1::Prepared to_message(const engine::Prepared& prepared);
v1::HashProgress to_message(const content::Progress& progress);
v1::TransferProgress to_message(const engine::TransferProgress& progress);
v1::TransferPlan to_message(const engine::TransferPlan& plan);
v1::TransferDone to_message(const engine::TransferDone& done);
v1::VerifyReport to_message(const engine::VerifyReport& report);

}  // namespace owrd::control
