#include "daemon/trust/root_chain.h"

#include <string>
#include <string_view>

#include "daemon/trust/envelope.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

/// Errors about a root begin with "root", after which its version is put.
Error named(Error error, std::uint64_t version) {
  constexpr std::string_view kRoot = "root";
  if (error.message.starts_with(kRoot))
    error.message.insert(kRoot.size(), " version " + std::to_string(version));
  return error;
}

}  // namespace

Result<RootChain> RootChain::verify(const std::vector<Bytes>& envelopes) {
  if (envelopes.empty())
    return Error{ErrorCode::InvalidInput, "root: none was given", remedy_of(PayloadKind::Root)};
  auto first = Root::verify_first(envelopes.front());
  if (!first) return first.error();
  RootChain chain({std::move(*first)});
  for (std::size_t i = 1; i < envelopes.size(); ++i)
    if (const auto extended = chain.extend(envelopes[i]); !extended) return extended.error();
  return chain;
}

Result<> RootChain::extend(ByteView envelope) {
  auto next = verify_next(envelope);
  if (!next) return named(next.error(), newest().version() + 1);
  roots_.push_back(std::move(*next));
  return Done{};
}

Result<Root> RootChain::verify_next(ByteView envelope) const {
  if (roots_.size() == kMostRoots)
    return refused(PayloadKind::Root, "a publisher has at most 256 of them");
  auto next = Root::verify_next(envelope, newest());
  if (!next) return next;
  for (const auto& earlier : roots_)
    if (const auto uses = check_uses(earlier, next->uses()); !uses) return uses.error();
  return next;
}

std::vector<Bytes> RootChain::raw() const {
  std::vector<Bytes> raw;
  for (const auto& root : roots_) raw.push_back(root.raw());
  return raw;
}

}  // namespace owrd::trust
