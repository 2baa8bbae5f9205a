// The engine's publishers: pinning, listing, removing.

#include <algorithm>

#include "daemon/core/ref.h"
#include "daemon/engine/belief.h"
#include "daemon/engine/impl.h"
#include "daemon/release/bundle.h"
#include "daemon/trust/root_chain.h"

namespace owrd::engine {
namespace {

constexpr std::size_t kFewestDigits = 12;

Bytes publisher_bundle(const store::PinnedPublisher& publisher) {
  v1::Bundle bundle;
  for (const auto& root : publisher.roots) bundle.add_roots(std::string(as_text(root)));
  return release::encode_bundle(bundle);
}

std::uint32_t count_releases(const std::map<Digest, TransferPtr>& transfers,
                             const Digest& publisher) {
  return static_cast<std::uint32_t>(std::count_if(
      transfers.begin(), transfers.end(),
      [&](const auto& entry) { return entry.second->stored().publisher_id == publisher; }));
}

Result<PublisherView> describe(const store::PinnedPublisher& publisher, std::uint32_t releases) {
  const auto roots = roots_of(publisher);
  if (!roots) return roots.error();
  return PublisherView{roots->newest(), publisher.petname, publisher.pinned, releases,
                       publisher_bundle(publisher)};
}

/// The petname asked for, or else the publisher's own name if it can be one.
Result<std::string> choose_petname(const std::string& asked, const trust::Root& root) {
  if (!asked.empty()) {
    if (is_valid_petname(asked)) return asked;
    return Error{
        ErrorCode::InvalidInput,
        "petname \"" + asked + "\": expected lower-case letters, digits, '-' and '.', at most 63"};
  }
  const auto& own = root.message().display_name();
  if (is_valid_petname(own)) return own;
  return Error{ErrorCode::InvalidInput,
               "the publisher calls itself \"" + own + "\", which cannot be a petname",
               "choose one: --as PETNAME"};
}

}  // namespace

Result<PublisherView> Engine::add_publisher(ByteView bytes, const std::string& petname,
                                            bool dry_run) {
  const auto bundle = release::parse_bundle(bytes);
  if (!bundle) return bundle.error();
  std::vector<Bytes> roots;
  for (const auto& root : bundle->roots()) roots.push_back(to_bytes(root));
  const auto chain = trust::RootChain::verify(roots);
  if (!chain) return chain.error();
  const auto& root = chain->newest();

  auto& store = impl_->around.world.store;
  const auto known = store.find_publisher(root.publisher_id());
  if (!known) return known.error();
  if (*known) {
    auto pinned = **known;
    if (!petname.empty() && petname != pinned.petname && !dry_run) {
      if (const auto name = choose_petname(petname, root); !name) return name.error();
      if (const auto renamed = store.rename_publisher(pinned.id, petname); !renamed)
        return renamed.error();
      pinned.petname = petname;
    }
    auto view = describe(pinned, count_releases(impl_->transfers, pinned.id));
    if (view) view->was_known = true;
    return view;
  }

  const auto name = choose_petname(petname, root);
  if (!name) return name.error();
  const auto taken = store.find_publisher(*name);
  if (!taken) return taken.error();
  if (*taken)
    return Error{ErrorCode::AlreadyExists,
                 "the petname " + *name + " is taken by publisher " + (*taken)->id.to_hex(),
                 "choose another: owrd publisher add … --as PETNAME"};
  const store::PinnedPublisher publisher{root.publisher_id(), *name,
                                         impl_->around.world.clock.now(), roots};
  if (!dry_run)
    if (const auto added = store.add_publisher(publisher); !added) return added.error();
  return describe(publisher, 0);
}

Result<std::vector<PublisherView>> Engine::publishers() {
  const auto pinned = impl_->around.world.store.publishers();
  if (!pinned) return pinned.error();
  std::vector<PublisherView> views;
  for (const auto& publisher : *pinned) {
    auto view = describe(publisher, count_releases(impl_->transfers, publisher.id));
    if (!view) return view.error();
    views.push_back(std::move(*view));
  }
  return views;
}

Result<PublisherView> Engine::find_publisher(const std::string& name) {
  const auto pinned = impl_->around.world.store.publishers();
  if (!pinned) return pinned.error();
  const store::PinnedPublisher* found = nullptr;
  for (const auto& publisher : *pinned) {
    const bool by_id =
        name.size() >= kFewestDigits && publisher.id.to_hex().compare(0, name.size(), name) == 0;
    if (publisher.petname == name || by_id) found = &publisher;
  }
  if (found) return describe(*found, count_releases(impl_->transfers, found->id));
  return Error{ErrorCode::NotFound, "no publisher \"" + name + "\" is pinned here",
               "owrd publisher ls"};
}

Result<PublisherView> Engine::remove_publisher(const std::string& name) {
  auto view = find_publisher(name);
  if (!view) return view.error();
  if (view->releases != 0)
    return Error{
        ErrorCode::InvalidInput,
        "publisher " + view->petname + " still has " +
            (view->releases == 1 ? "a release" : std::to_string(view->releases) + " releases") +
            " here",
        "remove them first: owrd rm " + view->petname + "/MODEL:VERSION (owrd ls shows them)"};
  const auto removed = impl_->around.world.store.remove_publisher(view->root.publisher_id());
  if (!removed) return removed.error();
  return view;
}

}  // namespace owrd::engine
