#include <cstdint>
#include <cstdlib>

#include "daemon/core/ref.h"

// Whatever parses has one canonical form, which parses to itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto ref = owrd::parse_ref({reinterpret_cast<const char*>(data), size});
  if (!ref) return 0;
  const auto canonical = owrd::to_string(*ref);
  const auto again = owrd::parse_ref(canonical);
  if (!again || owrd::to_string(*again) != canonical) std::abort();
  const bool is_named = owrd::is_valid_petname(ref->publisher) && owrd::is_valid_name(ref->model);
  const bool is_id = ref->publisher.empty() && ref->model.empty() && ref->label.empty() &&
                     ref->release_id.has_value() == ref->id_prefix.empty();
  if (!is_named && !is_id) std::abort();
  return 0;
}
