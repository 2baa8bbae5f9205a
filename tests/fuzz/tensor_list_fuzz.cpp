// Whatever parses as a list of tensors parses to the same when it is written again, and no tensor's
// range ends before it begins.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "daemon/release/tensor_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = owrd::release::parse_tensor_list(std::as_bytes(std::span(data, size)));
  if (!list) return 0;
  for (const auto& file : list->files())
    for (const auto& tensor : file.tensors())
      if (tensor.end() < tensor.begin()) std::abort();
  const auto again = owrd::release::parse_tensor_list(owrd::release::encode_tensor_list(*list));
  if (!again || again->SerializeAsString() != list->SerializeAsString()) std::abort();
  return 0;
}
