#pragma once

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

namespace owrd::release {

/// The most bytes of tensors.owrd; 90,000 tensors with their digests have 10 MB.
constexpr std::uint64_t kTensorListLimitBytes = 256 * 1024 * 1024;

/// tensors.owrd: the line "owrd-tensors-1\n", then a TensorList. The same list gives the same
/// bytes.
Bytes encode_tensor_list(const v1::TensorList& list);

/// Takes tensors.owrd apart: InvalidInput for another form, for files or tensors that are there
/// twice, for ranges that end before they begin and digests that are not 32 bytes.
Result<v1::TensorList> parse_tensor_list(ByteView bytes);

}  // namespace owrd::release
