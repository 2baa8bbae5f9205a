#include "daemon/weights/audit.h"
#include "daemon/weights/format.h"
#include "daemon/weights/inspect.h"
#include "tests/fuzz/weights_reader.h"

// The first byte is the length of the name, which follows; the rest is the file. Every finding has
// a rule and a sentence; a weight file has at least one; what its reader refuses never passes; and
// the same file has the same findings again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::weights;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto name = input.substr(0, data[0]);
  const auto bytes = owrd::as_bytes(input.substr(name.size()));
  StrictSource source(bytes);
  const auto findings = audit(name, source);
  for (const auto& finding : findings) demand(!finding.rule.empty() && !finding.message.empty());

  const auto format = recognise_source(name, source);
  demand(static_cast<bool>(format));
  if (*format != Format::NotWeights) demand(!findings.empty());
  const auto inventory = inspect(name, source);
  if (inventory) check_inventory(*inventory, bytes.size());
  if (!inventory && *format != Format::NotWeights) demand(worst(findings) == Severity::Fail);
  demand(audit(name, source).size() == findings.size());
  return 0;
}
