#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/weights/byte_stream.h"

namespace owrd::weights {

/// What both headers of a member say of it (APPNOTE.TXT, sections 4.3.7 and 4.3.12).
struct ZipHeader {
  std::uint64_t flags = 0;
  std::uint64_t method = 0;
  std::uint64_t crc32 = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t size_bytes = 0;
  std::string name = {};
  std::uint64_t mode = 0;          ///< Of Unix; in the directory alone.
  std::uint64_t local_offset = 0;  ///< In the directory alone.
  std::uint64_t disk = 0;          ///< In the directory alone.
};

/// Reads one header, ZIP64 sizes in place of their stand-ins, up to the next record or to the data.
Result<ZipHeader> read_central_header(ByteStream& in);
Result<ZipHeader> read_local_header(ByteStream& in);

/// Where the directory is, and how many members it has.
struct ZipEnd {
  std::uint64_t entries = 0;
  std::uint64_t directory_begin = 0;
  std::uint64_t directory_bytes = 0;
};

/// From the record in the file's last 22 bytes and, where it is there, the ZIP64 one right before
/// it (APPNOTE.TXT, sections 4.3.14 to 4.3.16).
Result<ZipEnd> read_zip_end(ByteSource& archive);

/// Whether the file ends as an archive does that may have anything in front of it: an end record
/// whose comment, if any, goes up to the file's last byte.
Result<bool> ends_as_zip(ByteSource& source);

}  // namespace owrd::weights
