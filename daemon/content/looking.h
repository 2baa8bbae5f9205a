#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/descriptor.h"
#include "daemon/content/jobs.h"
#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/finding.h"
#include "daemon/weights/sets.h"
#include "owrd/v1/release.pb.h"

/// What files say of themselves: headers and audit. Nothing is executed, and of weights only
/// headers and pickles are read.
namespace owrd::content {

/// A file below a directory, read where it is asked to be.
class FileSource : public weights::ByteSource {
 public:
  /// Follows no symbolic link; NotFound when there is no such regular file.
  static Result<std::unique_ptr<FileSource>> open(const std::filesystem::path& directory,
                                                  const std::string& path);
  std::uint64_t size() const override { return size_; }

 private:
  FileSource(std::filesystem::path what, Descriptor file, std::uint64_t size)
      : what_(std::move(what)), file_(std::move(file)), size_(size) {}
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override;

  const std::filesystem::path what_;
  const Descriptor file_;
  const std::uint64_t size_;
};

/// What an audit has to say of one file.
struct AuditedFile {
  std::string path;
  weights::Findings findings;
};
/// Audits each file, in their order, on all cores. A file that cannot be read has a finding that
/// says so. Fails only when cancelled.
Result<std::vector<AuditedFile>> audit_files(const std::filesystem::path& directory,
                                             const std::vector<std::string>& paths,
                                             const JobContext& job);

/// The weights among the files, each with what its headers say; those of which nothing can be read
/// are left out, and named with the reason.
struct InspectedWeights {
  std::vector<weights::Shard> files;
  std::vector<weights::Warning> problems;  ///< `rule` is the path.
};
Result<InspectedWeights> inspect_weights(const std::filesystem::path& directory,
                                         const std::vector<std::string>& paths,
                                         const JobContext& job);

/// The weights in sets, by the indexes that are among the files.
Result<std::vector<weights::WeightSet>> weight_sets(const std::filesystem::path& directory,
                                                    const std::vector<std::string>& paths,
                                                    const std::vector<weights::Shard>& files);

/// What stands in tensors.owrd of one weight file, without digests; and back.
v1::TensorFile describe_tensors(const weights::Shard& file);
weights::Shard shard_of(const v1::TensorFile& file);

}  // namespace owrd::content
