#pragma once

#include "cli/output.h"
#include "owrd/v1/control.pb.h"

/// The JSON records of who is believed; see records.h.
namespace owrd::cli {

Json publisher_record(const v1::PublisherRecord& publisher);
Json root_record(const v1::RootRecord& root);
/// Without the two objects themselves.
Json evidence_record(const v1::EvidenceRecord& evidence);
Json mirror_record(const v1::MirrorRecord& mirror);
Json attestation_record(const v1::AttestationRecord& attestation);
/// Without the envelope.
Json statement_record(const v1::StatementRecord& statement);

}  // namespace owrd::cli
