#include "daemon/engine/known_publishers.h"

#include <algorithm>
#include <cassert>

namespace owrd::engine {
namespace {

std::vector<store::SearchableRelease> searchable(const release::Feed& feed, std::size_t from) {
  std::vector<store::SearchableRelease> releases;
  for (std::size_t i = from; i < feed.releases().size(); ++i) {
    const auto& each = feed.releases()[i];
    releases.push_back({each.record, each.model, each.version, each.license, each.summary});
  }
  return releases;
}

std::vector<Bytes> roots_beyond(const trust::RootChain& known, const trust::RootChain& longer) {
  std::vector<Bytes> roots;
  for (std::size_t i = known.roots().size(); i < longer.roots().size(); ++i)
    roots.push_back(longer.roots()[i].raw());
  return roots;
}

Error broken(const store::PinnedPublisher& publisher, const Error& error) {
  return {ErrorCode::Corrupt, "publisher " + publisher.petname + " in the store: " + error.message,
          "owrd publisher rm " + publisher.petname + ", then add it again from its .owrp"};
}

}  // namespace

Result<> KnownPublishers::load() {
  const auto pinned = store_.publishers();
  if (!pinned) return pinned.error();
  all_.clear();
  faults_.clear();
  for (const auto& each : *pinned)
    if (const auto loaded = load_one(each); !loaded)
      faults_.emplace(each.id, Fault{each.petname, broken(each, loaded.error())});
  return Done{};
}

Result<> KnownPublishers::load_one(const store::PinnedPublisher& pinned) {
  auto roots = trust::RootChain::verify(pinned.roots);
  if (!roots) return roots.error();
  if (roots->publisher_id() != pinned.id)
    return Error{ErrorCode::Corrupt, "its roots are another publisher's"};
  auto publisher = std::make_unique<KnownPublisher>(
      KnownPublisher{pinned.id, pinned.petname, pinned.pinned, {std::move(*roots)}});
  const auto stored = store_.feeds().find(pinned.id);
  if (!stored) return stored.error();
  if (*stored) {
    auto head = trust::Head::parse((*stored)->head);
    if (!head) return head.error();
    auto feed = release::Feed::parse((*stored)->feed);
    if (!feed) return feed.error();
    publisher->known.head = std::move(*head);
    publisher->known.feed = std::move(*feed);
    publisher->attestations = (*stored)->attestations;
  }
  if (const auto counted = count_evidence(*publisher); !counted) return counted;
  all_[pinned.id] = std::move(publisher);
  return Done{};
}

Result<> KnownPublishers::count_evidence(KnownPublisher& publisher) {
  const auto evidence = store_.feeds().evidence(publisher.id);
  if (!evidence) return evidence.error();
  publisher.evidence = static_cast<std::uint32_t>(evidence->size());
  publisher.forked_since = 0;
  for (const auto& each : *evidence)
    if (publisher.forked_since == 0 && each.root_version == publisher.root().version())
      publisher.forked_since = each.found;
  return Done{};
}

const KnownPublisher* KnownPublishers::find(const Digest& id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : found->second.get();
}

const KnownPublisher* KnownPublishers::find(const std::string& petname) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& entry) {
    return entry.second->petname == petname;
  });
  return found == all_.end() ? nullptr : found->second.get();
}

Result<const KnownPublisher*> KnownPublishers::pin(const trust::RootChain& roots,
                                                   const std::string& petname) {
  const auto id = roots.publisher_id();
  const store::PinnedPublisher pinned{id, petname, clock_.now(), roots.raw()};
  if (const auto added = store_.add_publisher(pinned); !added) return added.error();
  all_[id] = std::make_unique<KnownPublisher>(KnownPublisher{id, petname, pinned.pinned, {roots}});
  return find(id);
}

Result<> KnownPublishers::rename(const Digest& id, const std::string& petname) {
  if (const auto renamed = store_.rename_publisher(id, petname); !renamed) return renamed;
  at(id).petname = petname;
  return Done{};
}

Result<> KnownPublishers::remove(Digest id) {
  if (const auto removed = store_.remove_publisher(id); !removed) return removed;
  all_.erase(id);
  faults_.erase(id);
  return Done{};
}

Result<> KnownPublishers::accept(const Digest& id, const trust::RootChain& roots,
                                 const std::string& source) {
  auto& publisher = at(id);
  store::Feeds::Accepted accepted;
  accepted.new_roots = roots_beyond(publisher.known.roots, roots);
  const auto& head_key = roots.newest().head_key();
  accepted.forgets_feed = publisher.known.head && head_key != publisher.root().head_key() &&
                          !(head_key && is_own_(*head_key));
  const auto saved = store_.feeds().accept(id, accepted, clock_.now(), source);
  if (!saved) return saved;
  publisher.known.roots = roots;
  if (accepted.forgets_feed) {
    publisher.known.head.reset();
    publisher.known.feed.reset();
    publisher.attestations.clear();
  }
  return count_evidence(publisher);
}

Result<> KnownPublishers::accept(const Digest& id, release::FeedNews news,
                                 const std::string& source) {
  auto& publisher = at(id);
  const bool reindexes = news.starts_anew || !publisher.known.feed;
  const auto known_releases = reindexes ? 0 : publisher.known.feed->releases().size();
  store::Feeds::Accepted accepted;
  accepted.new_roots = roots_beyond(publisher.known.roots, news.roots);
  accepted.feed = store::StoredFeed{news.head.envelope().raw, news.feed.bytes(), news.attestations,
                                    clock_.now(), source};
  accepted.releases = searchable(news.feed, known_releases);
  accepted.reindexes = reindexes;
  const auto saved = store_.feeds().accept(id, accepted, clock_.now(), source);
  if (!saved) return saved;
  publisher.known.roots = std::move(news.roots);
  publisher.known.head = std::move(news.head);
  publisher.known.feed = std::move(news.feed);
  publisher.attestations = std::move(news.attestations);
  return count_evidence(publisher);
}

Result<bool> KnownPublishers::offer_roots(const Digest& id, const trust::RootChain& offered,
                                          const std::string& source) {
  const auto& publisher = at(id);
  const auto joined = release::join_roots(publisher.known.roots, offered);
  if (!joined.roots) {
    if (const auto kept = keep(id, *joined.fork, source); !kept) return kept.error();
    return Error{ErrorCode::BadSignature, joined.fork->detail,
                 "both are kept: owrd publisher evidence " + publisher.petname};
  }
  if (joined.roots->roots().size() == publisher.known.roots.roots().size()) return false;
  if (const auto accepted = accept(id, *joined.roots, source); !accepted) return accepted.error();
  return true;
}

Result<> KnownPublishers::keep(const Digest& id, const release::Fork& fork,
                               const std::string& source) {
  auto& publisher = at(id);
  const store::StoredEvidence evidence{
      fork.kind,  fork.detail, source, clock_.now(), publisher.root().version(),
      fork.first, fork.second};
  if (const auto kept = store_.feeds().add_evidence(id, evidence); !kept) return kept;
  return count_evidence(publisher);
}

}  // namespace owrd::engine
