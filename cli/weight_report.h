#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "daemon/weights/sets.h"
#include "owrd/v1/release.pb.h"

namespace owrd::cli {

/// What weight files hold: as their headers say, or as tensors.owrd lists it, with digests.
struct WeightReport {
  std::vector<weights::WeightSet> sets;
  v1::TensorList tensors;
  std::vector<weights::Warning> problems;  ///< `rule` is the path of a file that cannot be read.
};

/// Of files below a directory; what is no weight file is passed over.
Result<WeightReport> report_of_files(const std::filesystem::path& directory,
                                     const std::vector<std::string>& paths);
/// Of tensors.owrd.
Result<WeightReport> report_of_list(ByteView tensors_owrd);

/// Sets, with formats, parameters and types.
void print_sets(Output& output, const WeightReport& report);
/// Every tensor: a table.
void print_tensors(Output& output, const WeightReport& report);
Json weight_record(const WeightReport& report, bool with_tensors);

}  // namespace owrd::cli
