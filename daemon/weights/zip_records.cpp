#include "daemon/weights/zip_records.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/little_endian.h"

namespace owrd::weights {
namespace {

constexpr std::uint64_t kCentralSignature = 0x02014B50;
constexpr std::uint64_t kLocalSignature = 0x04034B50;
constexpr std::uint64_t kEndSignature = 0x06054B50;
constexpr std::uint64_t kEnd64Signature = 0x06064B50;
constexpr std::uint64_t kLocatorSignature = 0x07064B50;
constexpr std::uint64_t kEndBytes = 22, kLocatorBytes = 20, kEnd64Bytes = 56;
/// In place of a number that only the ZIP64 field holds.
constexpr std::uint64_t kStandIn = 0xFFFFFFFF, kStandIn16 = 0xFFFF;
constexpr std::uint64_t kZip64Field = 0x0001, kUnicodePathField = 0x7075;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "ZIP: " + std::move(reason)};
}

Error refuse_member(std::string_view name, std::string reason) {
  return refuse("member " + quoted(name) + ": " + std::move(reason));
}

/// Replaces the stand-ins among `numbers` by what the field holds for them, in order.
Result<> fill_zip64(ByteView field, std::string_view name,
                    std::initializer_list<std::uint64_t*> numbers) {
  std::size_t at = 0;
  for (auto* number : numbers) {
    if (*number != kStandIn) continue;
    if (field.size() - at < 8) return refuse_member(name, "its ZIP64 field is too short");
    *number = little_endian(field, at, 8);
    at += 8;
  }
  return Done{};
}

/// Walks the extra fields: each an id, a length and so many bytes (APPNOTE.TXT, section 4.5.1).
Result<> read_extra(ByteView extra, std::string_view name,
                    std::initializer_list<std::uint64_t*> numbers) {
  bool has_zip64 = false;
  while (!extra.empty()) {
    if (extra.size() < 4) return refuse_member(name, "bytes behind its extra fields");
    const auto id = little_endian(extra, 0, 2);
    const auto length = static_cast<std::size_t>(little_endian(extra, 2, 2));
    if (length > extra.size() - 4) return refuse_member(name, "an extra field is too long");
    if (id == kUnicodePathField) return refuse_member(name, "has a second name");
    if (id == kZip64Field) {
      if (has_zip64) return refuse_member(name, "has two ZIP64 fields");
      has_zip64 = true;
      const auto filled = fill_zip64(extra.subspan(4, length), name, numbers);
      if (!filled) return filled.error();
    }
    extra = extra.subspan(4 + length);
  }
  return Done{};
}

struct Lengths {
  std::uint64_t name, extra, comment;
};

/// Reads the name, the extra fields and the comment that follow a header.
Result<> read_tail(ByteStream& in, const Lengths& lengths, ZipHeader& header,
                   std::initializer_list<std::uint64_t*> numbers) {
  auto name = in.text(lengths.name, kStandIn16);
  if (!name) return refuse("a name: " + name.error().message);
  header.name = *std::move(name);
  const auto extra = in.text(lengths.extra, kStandIn16);
  if (!extra) return refuse_member(header.name, extra.error().message);
  const auto skipped = in.skip(lengths.comment);
  if (!skipped) return refuse_member(header.name, skipped.error().message);
  return read_extra(as_bytes(*extra), header.name, numbers);
}

/// The ZIP64 end record, which ends where the locator begins.
Result<ZipEnd> read_end64(ByteSource& archive, std::uint64_t locator_begin) {
  if (locator_begin < kEnd64Bytes) return refuse("no ZIP64 end record before its locator");
  const auto begin = locator_begin - kEnd64Bytes;
  const auto record = archive.read(begin, kEnd64Bytes + kLocatorBytes);
  if (!record) return record.error();
  const ByteView bytes = *record;
  if (little_endian(bytes, 0, 4) != kEnd64Signature ||
      little_endian(bytes, 4, 8) != kEnd64Bytes - 12)
    return refuse("no ZIP64 end record before its locator");
  const auto locator = bytes.subspan(kEnd64Bytes);
  if (little_endian(locator, 4, 4) != 0 || little_endian(locator, 8, 8) != begin ||
      little_endian(locator, 16, 4) > 1 || little_endian(bytes, 16, 8) != 0)
    return refuse("the ZIP64 locator points elsewhere");
  if (little_endian(bytes, 24, 8) != little_endian(bytes, 32, 8))
    return refuse("an archive of several disks");
  const ZipEnd end{little_endian(bytes, 32, 8), little_endian(bytes, 48, 8),
                   little_endian(bytes, 40, 8)};
  const auto directory_end = checked_add(end.directory_begin, end.directory_bytes);
  if (directory_end != begin) return refuse("the directory does not end at its end record");
  return end;
}

bool agrees(std::uint64_t number, std::uint64_t whole, std::uint64_t stand_in) {
  return number == whole || number == stand_in;
}

}  // namespace

Result<ZipHeader> read_central_header(ByteStream& in) {
  const auto fixed = in.text(46, 46);
  if (!fixed) return refuse("the directory " + fixed.error().message);
  const auto bytes = as_bytes(*fixed);
  if (little_endian(bytes, 0, 4) != kCentralSignature)
    return refuse("no member where the directory says that one is");
  ZipHeader header;
  header.flags = little_endian(bytes, 8, 2);
  header.method = little_endian(bytes, 10, 2);
  header.crc32 = little_endian(bytes, 16, 4);
  header.stored_bytes = little_endian(bytes, 20, 4);
  header.size_bytes = little_endian(bytes, 24, 4);
  header.disk = little_endian(bytes, 34, 2);
  header.mode = little_endian(bytes, 40, 2);
  header.local_offset = little_endian(bytes, 42, 4);
  const Lengths lengths{little_endian(bytes, 28, 2), little_endian(bytes, 30, 2),
                        little_endian(bytes, 32, 2)};
  const auto tail = read_tail(in, lengths, header,
                              {&header.size_bytes, &header.stored_bytes, &header.local_offset});
  if (!tail) return tail.error();
  return header;
}

Result<ZipHeader> read_local_header(ByteStream& in) {
  const auto fixed = in.text(30, 30);
  if (!fixed) return refuse("a local header " + fixed.error().message);
  const auto bytes = as_bytes(*fixed);
  if (little_endian(bytes, 0, 4) != kLocalSignature)
    return refuse("no member at byte " + std::to_string(in.position() - 30));
  ZipHeader header;
  header.flags = little_endian(bytes, 6, 2);
  header.method = little_endian(bytes, 8, 2);
  header.crc32 = little_endian(bytes, 14, 4);
  header.stored_bytes = little_endian(bytes, 18, 4);
  header.size_bytes = little_endian(bytes, 22, 4);
  const Lengths lengths{little_endian(bytes, 26, 2), little_endian(bytes, 28, 2), 0};
  const auto tail = read_tail(in, lengths, header, {&header.size_bytes, &header.stored_bytes});
  if (!tail) return tail.error();
  return header;
}

Result<ZipEnd> read_zip_end(ByteSource& archive) {
  if (archive.size() < kEndBytes) return refuse("the file is shorter than an end record");
  const auto begin = archive.size() - kEndBytes;
  const auto record = archive.read(begin, kEndBytes);
  if (!record) return record.error();
  const ByteView bytes = *record;
  if (little_endian(bytes, 0, 4) != kEndSignature || little_endian(bytes, 20, 2) != 0)
    return refuse("the file does not end with an end record");
  if (little_endian(bytes, 4, 4) != 0 || little_endian(bytes, 8, 2) != little_endian(bytes, 10, 2))
    return refuse("an archive of several disks");
  const ZipEnd end{little_endian(bytes, 10, 2), little_endian(bytes, 16, 4),
                   little_endian(bytes, 12, 4)};
  if (begin >= kLocatorBytes) {
    const auto locator = archive.read(begin - kLocatorBytes, 4);
    if (!locator) return locator.error();
    if (little_endian(*locator, 0, 4) == kLocatorSignature) {
      auto end64 = read_end64(archive, begin - kLocatorBytes);
      if (!end64) return end64.error();
      if (!agrees(end.entries, end64->entries, kStandIn16) ||
          !agrees(end.directory_begin, end64->directory_begin, kStandIn) ||
          !agrees(end.directory_bytes, end64->directory_bytes, kStandIn))
        return refuse("the two end records disagree");
      return end64;
    }
  }
  if (end.directory_begin + end.directory_bytes != begin)
    return refuse("the directory does not end at its end record");
  return end;
}

Result<bool> ends_as_zip(ByteSource& source) {
  const auto length = std::min(source.size(), kEndBytes + kStandIn16);
  const auto tail = source.read(source.size() - length, length);
  if (!tail) return tail.error();
  const auto text = as_text(*tail);
  static constexpr std::string_view kEnd = "PK\5\6";
  for (auto at = text.find(kEnd); at != text.npos; at = text.find(kEnd, at + 1)) {
    if (text.size() - at < kEndBytes) return false;
    if (little_endian(*tail, at + 20, 2) == text.size() - at - kEndBytes) return true;
  }
  return false;
}

}  // namespace owrd::weights
