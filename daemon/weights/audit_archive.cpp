#include "daemon/weights/audit_archive.h"

#include <string>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/npy.h"
#include "daemon/weights/zip.h"

namespace owrd::weights {
namespace {

constexpr std::uint64_t kMemberLimitBytes = 64 << 20;
constexpr std::string_view kMainPickle = "/data.pkl";

/// "NAME/data/", where torch.save() keeps its storages; empty when there is no data.pkl.
std::string storage_folder(const ZipDirectory& directory) {
  for (const auto& entry : directory.entries)
    if (entry.name.ends_with(kMainPickle))
      return entry.name.substr(0, entry.name.size() - kMainPickle.size()) + "/data/";
  return {};
}

/// A storage's name is digits alone.
bool is_storage(std::string_view name, std::string_view folder) {
  if (folder.empty() || !name.starts_with(folder) || name.size() == folder.size()) return false;
  return name.find_first_not_of("0123456789", folder.size()) == name.npos;
}

/// Whether read_npz() has said all that there is to say of a member of a .npz: an array of numbers
/// needs no more of it than its header.
bool is_plain_array(ByteSource& source, const ZipEntry& entry) {
  if (!entry.name.ends_with(".npy")) return false;
  const auto header = read_npy_member(source, entry);
  return header && !header->holds_objects;
}

Findings audit_member(ByteSource& source, const ZipEntry& entry, AuditBudget& budget) {
  const auto member = open_zip_entry(source, entry, kMemberLimitBytes);
  if (!member) return {{"zip.invalid", Severity::Fail, member.error().message}};
  auto findings = audit_within(entry.name, **member, budget);
  for (auto& finding : findings)
    finding.message = "member " + quoted(entry.name) + ": " + finding.message;
  return findings;
}

void append(Findings& to, Findings from) {
  for (auto& finding : from) to.push_back(std::move(finding));
}

}  // namespace

Findings audit_archive(Format format, ByteSource& source, AuditBudget& budget) {
  if (budget.levels == 0)
    return {{"archive.deep", Severity::Fail, "is an archive too deep within others"}};
  const auto directory = read_zip_directory(source);
  if (!directory)
    return {{"zip.invalid", Severity::Fail, "is no ZIP that all readers read alike",
             directory.error().message}};
  const auto storages = format == Format::TorchZip ? storage_folder(*directory) : std::string();
  Findings findings;
  --budget.levels;
  for (const auto& entry : directory->entries) {
    if (entry.name.ends_with('/') || is_storage(entry.name, storages)) continue;
    if (format == Format::Numpy && is_plain_array(source, entry)) continue;
    if (budget.members == 0) {
      findings.push_back({"archive.members", Severity::Fail, "has too many members"});
      break;
    }
    --budget.members;
    append(findings, audit_member(source, entry, budget));
  }
  ++budget.levels;
  return findings;
}

}  // namespace owrd::weights
