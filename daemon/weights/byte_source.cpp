#include "daemon/weights/byte_source.h"

#include <cassert>
#include <string>

namespace owrd::weights {

Result<Bytes> ByteSource::read(std::uint64_t offset, std::uint64_t length) {
  if (offset > size() || length > size() - offset)
    return Error{ErrorCode::InvalidInput, "the file ends at byte " + std::to_string(size()) +
                                              ", before " + std::to_string(length) + " bytes at " +
                                              std::to_string(offset)};
  auto bytes = read_within(offset, static_cast<std::size_t>(length));
  assert(!bytes || bytes->size() == length);
  return bytes;
}

Result<Bytes> MemorySource::read_within(std::uint64_t offset, std::size_t length) {
  return to_bytes(bytes_.subspan(static_cast<std::size_t>(offset), length));
}

SubSource::SubSource(ByteSource& whole, std::uint64_t begin, std::uint64_t size_bytes)
    : whole_(whole), begin_(begin), size_(size_bytes) {
  assert(begin <= whole.size() && size_bytes <= whole.size() - begin);
}

Result<Bytes> SubSource::read_within(std::uint64_t offset, std::size_t length) {
  return whole_.read(begin_ + offset, length);
}

}  // namespace owrd::weights
