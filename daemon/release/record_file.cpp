#include "daemon/release/record_file.h"

#include <array>
#include <string>

namespace owrd::release {
namespace {

constexpr std::size_t kLengthBytes = 4;

std::size_t read_length(ByteView bytes) {
  std::size_t length = 0;
  for (const auto byte : bytes.first(kLengthBytes))
    length = length << 8 | std::to_integer<std::size_t>(byte);
  return length;
}

}  // namespace

Result<> for_each_record(ByteView file, std::string_view magic, const std::string& what,
                         const std::function<Result<>(ByteView)>& take) {
  const auto broken = [&](const std::string& cause, ByteView rest) {
    return Error{ErrorCode::Corrupt,
                 what + ": " + cause + " at byte " + std::to_string(file.size() - rest.size())};
  };
  if (!as_text(file).starts_with(magic))
    return Error{ErrorCode::Corrupt, what + ": its first line is not " +
                                         std::string(magic.substr(0, magic.size() - 1))};
  for (auto rest = file.subspan(magic.size()); !rest.empty();) {
    if (rest.size() < kLengthBytes) return broken("it is cut short", rest);
    const auto length = read_length(rest);
    if (length == 0 || length > kRecordLimitBytes)
      return broken("a record of " + std::to_string(length) + " bytes", rest);
    if (length > rest.size() - kLengthBytes) return broken("it is cut short", rest);
    if (const auto taken = take(rest.subspan(kLengthBytes, length)); !taken) return taken;
    rest = rest.subspan(kLengthBytes + length);
  }
  return Done{};
}

void append_record(Bytes& file, ByteView record) {
  const auto length = record.size();
  for (int shift = 24; shift >= 0; shift -= 8)
    file.push_back(static_cast<std::byte>(length >> shift & 0xff));
  file.insert(file.end(), record.begin(), record.end());
}

}  // namespace owrd::release
