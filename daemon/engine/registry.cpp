#include "daemon/engine/registry.h"

#include <algorithm>
#include <utility>

#include "daemon/release/bundle.h"
#include "daemon/trust/mutable_item.h"

namespace owrd::engine {
namespace {

constexpr std::size_t kFewestDigits = 12;
constexpr auto kRenewalInterval = std::chrono::minutes(1);

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

Bytes bundle_of(const KnownPublisher& publisher) {
  v1::Bundle bundle;
  for (const auto& root : publisher.known.roots.raw()) bundle.add_roots(std::string(as_text(root)));
  if (publisher.known.head) {
    bundle.set_head(std::string(as_text(publisher.known.head->envelope().raw)));
    bundle.set_feed(std::string(as_text(publisher.known.feed->bytes())));
    if (!publisher.attestations.empty())
      bundle.set_attestations(std::string(as_text(publisher.attestations)));
  }
  return release::encode_bundle(bundle);
}

/// BEP 46's form, of the first locator, with the publisher's id beside it.
std::string link_of(const trust::Root& root) {
  if (root.locators().empty()) return "";
  const auto& anchors = root.anchors();
  const auto& key = anchors.empty() ? root.locators().front() : anchors.front();
  const auto salt = anchors.empty() ? trust::kHeadSalt : trust::kAnchorSalt;
  std::string name;
  for (const char c : root.message().display_name())
    if (is_valid_name(std::string(1, c)) || c == '-' || c == '.' || c == '_') name += c;
  return "magnet:?xs=urn:btpk:" + to_hex(key.bytes()) + "&s=" + to_hex(as_bytes(salt)) +
         (name.empty() ? "" : "&dn=" + name) + "&x.owp=" + root.publisher_id().to_hex();
}

Freshness freshness_of(const KnownPublisher& publisher, release::Freshness freshness) {
  if (publisher.forked_since != 0) return Freshness::Forked;
  switch (freshness) {
    case release::Freshness::None:
      return Freshness::None;
    case release::Freshness::Fresh:
      return Freshness::Fresh;
    case release::Freshness::Stale:
      return Freshness::Stale;
    case release::Freshness::Expired:
      return Freshness::Expired;
  }
  return Freshness::None;
}

Error taken(const std::string& petname, const KnownPublisher& by) {
  return {ErrorCode::AlreadyExists,
          "the petname " + petname + " is taken by publisher " + by.id.to_hex(),
          "choose another: owrd publisher add … --as PETNAME"};
}

}  // namespace

Registry::Registry(std::shared_ptr<Surroundings> around, Releases releases)
    : surroundings_(std::move(around)),
      around_(*surroundings_),
      releases_(std::move(releases)),
      publishers_(around_.publishers),
      keys_(around_.world.store.directory() / "keys", around_.settings.key_passphrase),
      announcing_(publishers_, keys_, around_.world.clock,
                  [this](const Digest& id) { on_changed_here(id); }),
      following_({surroundings_, publishers_, keys_,
                  [this](const Digest& id) {
                    take_attestations(*publishers_.find(id));
                    releases_.on_news(id);
                  },
                  [this](const Digest& id) { return objects_for_feed(id); }}) {}

Registry::~Registry() = default;

Result<> Registry::start(bool polls) {
  if (const auto loaded = publishers_.load(); !loaded) return loaded;
  for (const auto& [id, fault] : publishers_.faults())
    around_.world.log(fault.error.message + "; " + fault.error.hint);
  if (const auto loaded = keys_.load(); !loaded) return loaded;
  clear_up_feeds();
  following_.start(polls);
  // Its public half is to be known before it attests anything.
  if (polls)
    if (const auto key = mirror_key(); !key) return key.error();
  return Done{};
}

/// Takes away the files of feeds that are not the newest any more.
void Registry::clear_up_feeds() {
  const auto feeds = around_.world.store.directory() / "feeds";
  std::vector<std::filesystem::path> old;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(feeds, error)) {
    const auto name = entry.path().filename().string();
    const bool is_current =
        std::any_of(publishers_.all().begin(), publishers_.all().end(), [&](const auto& each) {
          const auto& known = each.second->known;
          const auto roots =
              release::derive_roots_torrent(each.first, release::encode_roots_file(known.roots));
          return (known.head && known.head->infohash().to_hex() == name) ||
                 roots.infohash.to_hex() == name;
        });
    if (!is_current) old.push_back(entry.path());
  }
  if (old.empty()) return;
  around_.world.jobs.run<Done>(
      [old](const content::JobContext&) -> Result<> {
        for (const auto& directory : old)
          if (const auto removed = content::remove_tree(directory); !removed) return removed;
        return Done{};
      },
      [around = surroundings_](Result<> removed) {
        if (!removed) around->world.log(removed.error().message);
      });
}

void Registry::step() {
  following_.step();
  renew_heads();
  hand_on_attestations();
  hand_on_statements();
  forget_statements();
}

void Registry::on_changed_here(const Digest& publisher_id) {
  if (auto* follower = following_.find(publisher_id)) follower->on_changed_here();
  releases_.on_news(publisher_id);
}

/// Only after the others were asked: a store that was restored from a backup must first learn what
/// it said since.
void Registry::renew_heads() {
  const auto steady_now = around_.world.clock.steady_now();
  if (!around_.settings.take_up_work || steady_now < next_renewal_) return;
  next_renewal_ = steady_now + kRenewalInterval;
  std::vector<Digest> asked;
  for (const auto& [id, publisher] : publishers_.all())
    if (following_.find(id)->has_asked()) asked.push_back(id);
  for (const auto& id : asked)
    if (const auto renewed = announcing_.renew(id); !renewed)
      around_.world.log("renewing the head of " + publishers_.find(id)->petname + ": " +
                        renewed.error().message);
}

// --- Publishers

const KnownPublisher* Registry::find(const std::string& petname) const {
  return publishers_.find(petname);
}

Result<const KnownPublisher*> Registry::find_by_name(const std::string& name) const {
  if (const auto* publisher = publishers_.find(name)) return publisher;
  if (name.size() >= kFewestDigits)
    for (const auto& [id, publisher] : publishers_.all())
      if (id.to_hex().compare(0, name.size(), name) == 0) return publisher.get();
  for (const auto& [id, fault] : publishers_.faults())
    if (fault.petname == name) return fault.error;
  return Error{ErrorCode::NotFound, "no publisher \"" + name + "\" is pinned here",
               "owrd publisher ls"};
}

PublisherView Registry::describe(const KnownPublisher& publisher) {
  const auto& known = publisher.known;
  PublisherView view{known.roots, publisher.petname, publisher.pinned,
                     releases_.count(publisher.id)};
  view.is_own = announcing_.is_own(publisher);
  const auto freshness = release::freshness_of(known, now());
  view.freshness = freshness_of(publisher, freshness.freshness);
  view.freshness_since = publisher.forked_since != 0 ? publisher.forked_since : freshness.since;
  view.head = known.head;
  if (view.is_own)
    view.head_checked = now();
  else if (const auto* follower = following_.find(publisher.id))
    view.head_checked = follower->last_checked();
  if (known.feed) {
    view.feed_records = static_cast<std::uint32_t>(known.feed->records().size());
    view.listed_releases = static_cast<std::uint32_t>(known.feed->releases().size());
  }
  view.evidence = publisher.evidence;
  view.link = link_of(publisher.root());
  if (auto sightings = around_.world.store.feeds().sightings(publisher.id))
    view.sightings = std::move(*sightings);
  return view;
}

/// Nothing of it is taken when a part of it is damaged.
Result<> Registry::take(const KnownPublisher& publisher, const trust::RootChain& roots,
                        const v1::Bundle& bundle) {
  if (const auto whole = release::check_news_in(bundle, roots); !whole) return whole;
  const auto is_new = publishers_.offer_roots(publisher.id, roots, "bundle");
  if (!is_new) return is_new.error();
  if (*is_new) releases_.on_news(publisher.id);
  if (bundle.head().empty()) return Done{};
  auto* follower = following_.find(publisher.id);
  follower->add_peers({bundle.peers().begin(), bundle.peers().end()});
  follower->offer(as_bytes(bundle.head()), feed_in(bundle), "bundle");
  return Done{};
}

Result<> Registry::take(const v1::Bundle& bundle) {
  const auto roots = release::roots_in(bundle);
  if (!roots) return roots.error();
  const auto* known = publishers_.find(roots->publisher_id());
  return known ? take(*known, *roots, bundle) : Done{};
}

Result<> Registry::rename(const KnownPublisher& publisher, const std::string& petname) {
  if (petname.empty() || petname == publisher.petname) return Done{};
  if (const auto name = choose_petname(petname, publisher.root()); !name) return name.error();
  if (const auto renamed = publishers_.rename(publisher.id, petname); !renamed) return renamed;
  releases_.on_news(publisher.id);
  return Done{};
}

Result<PublisherView> Registry::add_publisher(ByteView bytes, const std::string& petname,
                                              bool dry_run) {
  const auto bundle = release::parse_bundle(bytes);
  if (!bundle) return bundle.error();
  const auto roots = release::roots_in(*bundle);
  if (!roots) return roots.error();
  const auto id = roots->publisher_id();

  if (const auto* known = publishers_.find(id)) {
    const auto done = [&]() -> Result<> {
      if (dry_run) return release::check_news_in(*bundle, *roots);
      if (const auto taken_in = take(*known, *roots, *bundle); !taken_in) return taken_in;
      return rename(*known, petname);
    }();
    if (!done) return done.error();
    auto view = describe(*known);
    view.was_known = true;
    return view;
  }
  if (const auto whole = release::check_news_in(*bundle, *roots); !whole) return whole.error();
  const auto name = choose_petname(petname, roots->newest());
  if (!name) return name.error();
  if (const auto* other = publishers_.find(*name)) return taken(*name, *other);
  if (dry_run) return describe(KnownPublisher{id, *name, now(), {*roots}});
  const auto pinned = publishers_.pin(*roots, *name);
  if (!pinned) return pinned.error();
  following_.add(id);
  if (const auto taken_in = take(**pinned, *roots, *bundle); !taken_in) return taken_in.error();
  return describe(**pinned);
}

Result<std::vector<PublisherView>> Registry::publishers() {
  std::vector<PublisherView> views;
  for (const auto& [id, publisher] : publishers_.all()) views.push_back(describe(*publisher));
  std::sort(views.begin(), views.end(),
            [](const PublisherView& a, const PublisherView& b) { return a.petname < b.petname; });
  return views;
}

Result<PublisherView> Registry::find_publisher(const std::string& name) {
  const auto found = find_by_name(name);
  if (!found) return found.error();
  auto view = describe(**found);
  view.bundle = bundle_of(**found);
  return view;
}

Result<Registry::RemovedPublisher> Registry::remove_publisher(const std::string& name) {
  for (const auto& [id, fault] : publishers_.faults()) {
    if (fault.petname != name && id.to_hex() != name) continue;
    const RemovedPublisher removed{id, fault.petname, std::nullopt};
    if (const auto gone = publishers_.remove(id); !gone) return gone.error();
    return removed;
  }
  const auto found = find_by_name(name);
  if (!found) return found.error();
  const RemovedPublisher removed{(*found)->id, (*found)->petname, describe(**found)};
  if (const auto releases = removed.view->releases; releases != 0)
    return Error{
        ErrorCode::InvalidInput,
        "publisher " + removed.petname + " still has " +
            (releases == 1 ? "a release" : std::to_string(releases) + " releases") + " here",
        "remove them first: owrd rm " + removed.petname + "/MODEL:VERSION (owrd ls shows them)"};
  if (const auto retired = announcing_.retire_keys(**found); !retired) return retired.error();
  following_.remove(removed.id);
  const auto gone = publishers_.remove(removed.id);
  next_forgetting_ = {};
  if (gone) return removed;
  following_.add(removed.id);
  return gone.error();
}

}  // namespace owrd::engine
