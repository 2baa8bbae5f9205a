#pragma once

#include "daemon/engine/follower.h"
#include "daemon/engine/views.h"
#include "owrd/v1/control.pb.h"

/// The engine's values, as clients are told them. Text that may hold any bytes (paths, causes) is
/// made valid UTF-8.
namespace owrd::control {

v1::PublisherRecord to_record(const engine::PublisherView& view);
void add_roots(const engine::PublisherView& view,
               google::protobuf::RepeatedPtrField<v1::RootRecord>* records);
v1::EvidenceRecord to_record(const store::StoredEvidence& evidence);
v1::RefreshSource to_message(const engine::SourceAnswer& answer);
v1::ListedRecord to_record(const engine::ListedView& view);
v1::NoticeRecord to_record(const engine::NoticeView& view);
v1::ChannelRecord to_record(const engine::ChannelView& view);
v1::LogRecord to_record(const engine::LogView& view);
v1::MirrorRecord to_record(const engine::MirrorView& view);
v1::AttestationRecord to_record(const engine::AttestationView& view);
v1::StatementRecord to_record(const engine::StatementView& view);
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
