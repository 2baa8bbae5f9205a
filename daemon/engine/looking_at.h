#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/audit_report.h"
#include "daemon/content/hashing.h"
#include "daemon/content/scan.h"
#include "daemon/engine/views.h"
#include "daemon/release/publication_rules.h"

namespace owrd::engine {

/// What the files of a release that is to be published say of themselves.
struct LookedAt {
  std::vector<content::AuditedFile> audited;
  content::InspectedWeights weights;
  v1::TensorList tensors;                       ///< Without digests.
  content::Ranges ranges;                       ///< Of the tensors, for the hashing pass.
  std::optional<release::CardFacts> card = {};  ///< The front matter of README.md.
  std::string card_problem = {};                ///< Why it cannot be read.
};

/// Reads headers and audits all files. Unsafe when the audit refuses one that the request does
/// not let through.
Result<LookedAt> look_at(const PrepareRequest& request,
                         const std::vector<content::ScannedFile>& files,
                         const content::JobContext& job);

/// Puts the digests of the hashing pass, `files` in its order, beside their tensors.
void set_digests(v1::TensorList& tensors, const std::vector<content::ScannedFile>& files,
                 const std::vector<hash::FileDigests>& digests);

/// What is held against the manifest before it is signed.
Result<release::PublicationFacts> facts_of(const PrepareRequest& request,
                                           const v1::Manifest& manifest,
                                           const std::vector<content::ScannedFile>& files,
                                           const LookedAt& looked);

}  // namespace owrd::engine
