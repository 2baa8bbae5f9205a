#include "daemon/weights/zip.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/inside_path.h"
#include "daemon/weights/little_endian.h"
#include "daemon/weights/zip_records.h"

namespace owrd::weights {
namespace {

constexpr std::uint64_t kDirectoryLimitBytes = 64 << 20;
constexpr std::uint64_t kSmallestEntryBytes = 46;
/// As many as are read of a local header at once: it, a name and the padding that PyTorch writes.
constexpr std::size_t kLocalHeaderBytes = 512;
constexpr std::uint64_t kDescriptorSignature = 0x08074B50;
constexpr std::uint64_t kStored = 0, kDeflated = 8;
/// APPNOTE.TXT, section 4.4.4: levels of deflating, sizes behind the data, UTF-8.
constexpr std::uint64_t kLevelFlags = 0x0006, kDescriptorFlag = 0x0008, kUtf8Flag = 0x0800;
constexpr std::uint64_t kEncryptionFlags = 0x2041;
constexpr std::uint64_t kLinkMode = 0xA000, kTypeModes = 0xF000;

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "ZIP: " + std::move(reason)};
}

Error refuse_member(std::string_view name, std::string reason) {
  return refuse("member " + quoted(name) + ": " + std::move(reason));
}

/// A folder's entry ends with '/' and holds nothing.
bool is_name(const ZipHeader& header) {
  std::string_view name = header.name;
  if (name.ends_with('/') && header.size_bytes == 0) name.remove_suffix(1);
  return is_inside_path(name);
}

Result<> check_central(const ZipHeader& header) {
  if (!is_name(header)) return refuse_member(header.name, "no path inside the archive");
  if (header.flags & kEncryptionFlags) return refuse_member(header.name, "encrypted");
  if (header.flags & ~(kLevelFlags | kDescriptorFlag | kUtf8Flag))
    return refuse_member(header.name, "flags " + std::to_string(header.flags));
  if (header.method != kStored && header.method != kDeflated)
    return refuse_member(header.name, "method " + std::to_string(header.method));
  if (header.method == kStored && header.stored_bytes != header.size_bytes)
    return refuse_member(header.name, "stored in another size than its own");
  if (header.disk != 0) return refuse("an archive of several disks");
  if ((header.mode & kTypeModes) == kLinkMode) return refuse_member(header.name, "a symbolic link");
  return Done{};
}

Result<std::vector<ZipHeader>> read_central_headers(ByteSource& archive, const ZipEnd& end) {
  if (end.directory_bytes > kDirectoryLimitBytes)
    return refuse("a directory of " + std::to_string(end.directory_bytes) + " bytes");
  if (end.entries > end.directory_bytes / kSmallestEntryBytes)
    return refuse(std::to_string(end.entries) + " members, more than the directory can hold");
  ByteStream in(archive, end.directory_begin, end.directory_begin + end.directory_bytes);
  std::vector<ZipHeader> headers;
  std::unordered_set<std::string> names;
  for (std::uint64_t i = 0; i < end.entries; ++i) {
    auto header = read_central_header(in);
    if (!header) return header.error();
    const auto checked = check_central(*header);
    if (!checked) return checked.error();
    if (!names.insert(ascii_lower(header->name)).second)
      return refuse_member(header->name, "twice");
    headers.push_back(*std::move(header));
  }
  if (in.remaining() > 0) return refuse("bytes behind the directory's last member");
  std::sort(headers.begin(), headers.end(),
            [](const auto& a, const auto& b) { return a.local_offset < b.local_offset; });
  return headers;
}

/// With sizes behind the data, those of the local header may be left open.
bool agrees(std::uint64_t local, std::uint64_t central, const ZipHeader& header) {
  return local == central ||
         (header.flags & kDescriptorFlag && (local == 0 || local == 0xFFFFFFFF));
}

Result<> check_local(const ZipHeader& local, const ZipHeader& central) {
  const auto differs = [&](const char* what) {
    return refuse_member(central.name, std::string("its two headers give different ") + what);
  };
  if (local.name != central.name) return differs("names");
  if (local.flags != central.flags) return differs("flags");
  if (local.method != central.method) return differs("methods");
  if (!agrees(local.crc32, central.crc32, central)) return differs("checksums");
  if (!agrees(local.stored_bytes, central.stored_bytes, central) ||
      !agrees(local.size_bytes, central.size_bytes, central))
    return differs("sizes");
  return Done{};
}

/// Whether a data descriptor (APPNOTE.TXT, section 4.3.9), with or without its signature, sizes in
/// 4 or 8 bytes, says what the directory says.
bool is_descriptor(ByteView bytes, const ZipHeader& central) {
  const bool has_signature = bytes.size() % 8 == 0;
  if (has_signature && little_endian(bytes, 0, 4) != kDescriptorSignature) return false;
  bytes = bytes.subspan(has_signature ? 4 : 0);
  const auto width = (bytes.size() - 4) / 2;
  return little_endian(bytes, 0, 4) == central.crc32 &&
         little_endian(bytes, 4, width) == central.stored_bytes &&
         little_endian(bytes, 4 + width, width) == central.size_bytes;
}

/// What lies between a member's data and the next member: nothing, or its descriptor.
Result<> check_gap(ByteSource& archive, const ZipHeader& central, ByteRange gap) {
  if (!(central.flags & kDescriptorFlag)) {
    if (gap.size() == 0) return Done{};
    return refuse_member(central.name, std::to_string(gap.size()) + " bytes behind it");
  }
  const auto size = gap.size();
  if (size != 12 && size != 16 && size != 20 && size != 24)
    return refuse_member(central.name, "no data descriptor alone behind it");
  const auto bytes = archive.read(gap.begin, size);
  if (!bytes) return bytes.error();
  if (!is_descriptor(*bytes, central))
    return refuse_member(central.name, "its data descriptor disagrees with the directory");
  return Done{};
}

/// A member that begins where the one before ended, and must end at or before `next`.
Result<ZipEntry> read_entry(ByteSource& archive, const ZipHeader& central, std::uint64_t next) {
  ByteStream in(archive, central.local_offset, next, kLocalHeaderBytes);
  const auto local = read_local_header(in);
  if (!local) return local.error();
  const auto checked = check_local(*local, central);
  if (!checked) return checked.error();
  const auto end = checked_add(in.position(), central.stored_bytes);
  if (!end || *end > next) return refuse_member(central.name, "overlaps what follows it");
  const auto gap = check_gap(archive, central, {*end, next});
  if (!gap) return gap.error();
  return ZipEntry{central.name, central.method == kDeflated,
                  static_cast<std::uint32_t>(central.crc32), central.size_bytes,
                  ByteRange{in.position(), *end}};
}

}  // namespace

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const ZipEntry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

Result<ZipDirectory> read_zip_directory(ByteSource& archive) {
  const auto end = read_zip_end(archive);
  if (!end) return end.error();
  const auto headers = read_central_headers(archive, *end);
  if (!headers) return headers.error();
  const auto first = headers->empty() ? end->directory_begin : headers->front().local_offset;
  if (first != 0) return refuse(std::to_string(first) + " bytes before the first member");

  ZipDirectory directory;
  for (std::size_t i = 0; i < headers->size(); ++i) {
    const auto& header = (*headers)[i];
    const auto next =
        i + 1 < headers->size() ? (*headers)[i + 1].local_offset : end->directory_begin;
    if (next <= header.local_offset || next > end->directory_begin)
      return refuse_member(header.name, "overlaps what follows it");
    auto entry = read_entry(archive, header, next);
    if (!entry) return entry.error();
    directory.entries.push_back(*std::move(entry));
  }
  return directory;
}

}  // namespace owrd::weights
