#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/weights/made_bytes.h"

namespace owrd::weights {

/// A member as an archive is to have it; what is not as it should be is for a test to change.
struct MadeMember {
  std::string name;
  std::string data;
  std::uint64_t flags = 0;
  std::uint64_t method = 0;
  std::uint64_t size = ~0ULL;        ///< Inflated; that of the data unless it is set.
  std::string local_name = {};       ///< That of the directory unless it is set.
  std::uint64_t crc_difference = 0;  ///< Added to the checksum in both headers.
  std::uint64_t mode = 0;
  std::string extra = {};       ///< In the directory alone.
  std::string descriptor = {};  ///< Behind the data.
};

inline std::uint64_t crc_of(const std::string& data) {
  return crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size()));
}

/// What both headers of a member begin with, up to the lengths.
inline std::string member_head(const MadeMember& member, bool has_sizes) {
  const auto crc = crc_of(member.data) + member.crc_difference;
  const auto size = member.size == ~0ULL ? member.data.size() : member.size;
  const auto sizes = le(crc, 4) + le(member.data.size(), 4) + le(size, 4);
  return le(20, 2) + le(member.flags, 2) + le(member.method, 2) + le(0, 4) +
         (has_sizes ? sizes : le(0, 12));
}

inline std::string made_local(const MadeMember& member) {
  const auto& name = member.local_name.empty() ? member.name : member.local_name;
  return "PK\3\4" + member_head(member, /*has_sizes=*/!(member.flags & 8)) + le(name.size(), 2) +
         le(0, 2) + name + member.data + member.descriptor;
}

inline std::string made_central(const MadeMember& member, std::uint64_t offset) {
  return "PK\1\2" + le(20, 2) + member_head(member, /*has_sizes=*/true) +
         le(member.name.size(), 2) + le(member.extra.size(), 2) + le(0, 2) + le(0, 2) + le(0, 2) +
         le(member.mode << 16, 4) + le(offset, 4) + member.name + member.extra;
}

/// Deflated members need a crc_difference: crc_of() is of what is stored.
inline std::string made_zip(const std::vector<MadeMember>& members, const std::string& prefix = "",
                            const std::string& before_directory = "") {
  auto zip = prefix;
  std::string directory;
  for (const auto& member : members) {
    directory += made_central(member, zip.size());
    zip += made_local(member);
  }
  zip += before_directory;
  const auto begin = zip.size();
  return zip + directory + "PK\5\6" + le(0, 4) + le(members.size(), 2) + le(members.size(), 2) +
         le(directory.size(), 4) + le(begin, 4) + le(0, 2);
}

}  // namespace owrd::weights
