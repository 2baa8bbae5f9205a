#include "daemon/release/attestation_list.h"

#include "daemon/release/record_file.h"
#include "daemon/trust/head.h"

namespace owrd::release {
namespace {

constexpr std::string_view kMagic = "owrd-attestations-1\n";

}  // namespace

Result<std::vector<trust::Attestation>> parse_attestations(ByteView file) {
  std::vector<trust::Attestation> attestations;
  if (file.empty()) return attestations;
  if (file.size() > trust::kAttestationsLimitBytes)
    return Error{ErrorCode::Corrupt, "attestations: longer than 4 MiB"};
  const auto walked =
      for_each_record(file, kMagic, "attestations", [&](ByteView record) -> Result<> {
        if (auto each = trust::Attestation::verify(record))
          attestations.push_back(std::move(*each));
        return Done{};
      });
  if (!walked) return walked.error();
  return attestations;
}

Bytes encode_attestations(const std::vector<trust::Attestation>& attestations) {
  Bytes file;
  for (const auto& each : attestations) {
    if (file.empty()) file = to_bytes(kMagic);
    if (file.size() + each.raw().size() + 4 > trust::kAttestationsLimitBytes) break;
    append_record(file, each.raw());
  }
  return file;
}

}  // namespace owrd::release
