#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"
#include "daemon/weights/zip.h"

namespace owrd::weights {

/// The most bytes of an array's header that are read.
constexpr std::uint64_t kNpyHeadBytes = 64 << 10;

/// What a .npy file says of its array (NumPy, "NEP 1 — A simple file format for NumPy arrays").
struct NpyHeader {
  std::string descr;  ///< Such as "<f4"; of records the list, as it is written.
  bool is_fortran_order = false;
  bool holds_objects = false;  ///< Then a pickle follows in place of numbers.
  std::vector<std::uint64_t> shape = {};
  std::uint64_t data_begin = 0;
};

/// Reads the header from the first kNpyHeadBytes, or all, of a file of `size_bytes`. Takes the
/// dictionary that NumPy writes and no more of Python: three keys, each once. Refuses data of
/// another size than descr and shape make, where descr tells.
Result<NpyHeader> read_npy_header(ByteView head, std::uint64_t size_bytes);

Result<Inventory> read_npy(ByteSource& source);

/// The arrays of a .npz, a ZIP of .npy files, in the order of the archive. Their bytes are known
/// where they are stored and not deflated.
Result<Inventory> read_npz(ByteSource& source);

/// The header of an array in an archive.
Result<NpyHeader> read_npy_member(ByteSource& archive, const ZipEntry& entry);

}  // namespace owrd::weights
