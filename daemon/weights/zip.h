#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

struct ZipEntry {
  std::string name;
  bool is_deflated = false;  ///< Else stored as it is.
  std::uint32_t crc32 = 0;
  std::uint64_t size_bytes = 0;  ///< Inflated.
  ByteRange data = {};           ///< Where it is in the archive, as stored.
};

/// The members of a ZIP archive.
struct ZipDirectory {
  std::vector<ZipEntry> entries;

  /// Null when there is none of this name.
  const ZipEntry* find(std::string_view name) const;
};

/// Reads the directory of an archive of which every reader sees the same (PKWARE, APPNOTE.TXT
/// 6.3.10), at most 64 MiB of it. Every byte belongs to one member or the directory: nothing
/// before, between or behind. Each local header says what the directory says. Names are relative
/// paths, each there once whatever the case of its letters. Refused are encryption, all methods but
/// stored and deflated, archives of several disks, archive comments, symbolic links and other
/// flags.
Result<ZipDirectory> read_zip_directory(ByteSource& archive);

/// The bytes of a member, as a source that the archive must outlive. Members of at most
/// `limit_bytes` are read, inflated and held against their checksum; longer ones are refused when
/// they are deflated, and else their checksum is not looked at.
Result<std::unique_ptr<ByteSource>> open_zip_entry(ByteSource& archive, const ZipEntry& entry,
                                                   std::uint64_t limit_bytes);

/// The first `limit_bytes` of a member, or all when it is shorter, inflated; its checksum is not
/// looked at.
Result<Bytes> read_zip_entry_head(ByteSource& archive, const ZipEntry& entry,
                                  std::uint64_t limit_bytes);

}  // namespace owrd::weights
