#include <cstdint>
#include <cstdlib>

#include "daemon/core/ref.h"
#include "daemon/trust/key.h"

// Whatever parses is kept as it is; and a key that opens without a passphrase prints the very file
// it came from.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kIsReady = static_cast<bool>(owrd::trust::initialise());
  if (!kIsReady) std::abort();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = owrd::trust::parse_key_file(text);
  if (!file) return 0;
  if (file->text != text || !owrd::is_valid_name(file->name)) std::abort();
  const auto key = owrd::trust::open_key_file(*file, "");
  if (file->is_encrypted && key) std::abort();
  if (!key) return 0;
  const auto printed = key->to_key_file(file->name, "");
  if (!printed || *printed != text) std::abort();
  return 0;
}
