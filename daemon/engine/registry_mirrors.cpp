// The registry's mirrors: whose word counts that a release is held, and what they say.

#include <algorithm>
#include <utility>

#include "daemon/engine/registry.h"
#include "daemon/release/attestation_list.h"

namespace owrd::engine {
namespace {

/// Of mirrors that are not pinned here, for one release.
constexpr std::size_t kMostStrangers = 64;
/// How far a mirror's clock may be ahead.
constexpr std::int64_t kClockSlackSeconds = 86400;
constexpr auto kHandingOnInterval = std::chrono::seconds(30);
/// Told to each peer of a release.
constexpr std::size_t kMostTold = 32;

Result<trust::PublicKey> parse_key(const std::string& text) {
  constexpr std::string_view kPrefix = "ed25519:";
  auto digits = std::string_view(text);
  if (digits.starts_with(kPrefix)) digits.remove_prefix(kPrefix.size());
  const auto bytes = parse_hex(digits);
  const auto key =
      bytes ? trust::PublicKey::from_bytes(*bytes) : Result<trust::PublicKey>(bytes.error());
  if (key && trust::is_possible(*key)) return key;
  return Error{
      ErrorCode::InvalidInput,
      "the mirror's key \"" + text + "\" is not an Ed25519 key: 64 hex digits are expected",
      "the mirror's operator sees it with: owrd mirror key"};
}

store::StoredAttestation stored_of(const trust::Attestation& attestation) {
  return {attestation.release_id(), to_bytes(attestation.mirror_key().bytes()),
          attestation.verified(), attestation.expires(), attestation.raw()};
}

Result<MirrorView> view_of(const store::PinnedMirror& mirror) {
  const auto key = trust::PublicKey::from_bytes(mirror.key);
  if (!key) return key.error();
  return MirrorView{*key, mirror.name, mirror.pinned};
}

}  // namespace

Result<MirrorView> Registry::add_mirror(const std::string& text, const std::string& name) {
  if (!is_valid_petname(name))
    return Error{
        ErrorCode::InvalidInput,
        "mirror name \"" + name +
            "\": lower-case letters, digits, '-' and '.' only, a letter first, at most 63"};
  const auto key = parse_key(text);
  if (!key) return key.error();
  const store::PinnedMirror mirror{to_bytes(key->bytes()), name, now()};
  if (const auto added = around_.world.store.mirrors().add(mirror); !added) return added.error();
  return view_of(mirror);
}

Result<std::vector<MirrorView>> Registry::mirrors() {
  const auto pinned = around_.world.store.mirrors().all();
  if (!pinned) return pinned.error();
  std::vector<MirrorView> views;
  for (const auto& each : *pinned) {
    const auto view = view_of(each);
    if (!view) return view.error();
    views.push_back(*view);
  }
  return views;
}

Result<MirrorView> Registry::remove_mirror(const std::string& name) {
  const auto all = mirrors();
  if (!all) return all.error();
  const auto found = std::find_if(all->begin(), all->end(),
                                  [&](const MirrorView& each) { return each.name == name; });
  if (const auto removed = around_.world.store.mirrors().remove(name); !removed)
    return removed.error();
  has_new_attestations_ = true;
  return *found;
}

std::optional<trust::PublicKey> Registry::known_mirror_key() const {
  const auto& keys = keys_.all(OnlineKeys::Use::Mirror);
  return keys.empty() ? std::nullopt : std::optional(keys.begin()->first);
}

Result<trust::PublicKey> Registry::mirror_key() {
  if (const auto known = known_mirror_key()) return *known;
  const auto made = keys_.make(OnlineKeys::Use::Mirror);
  if (!made) return made.error();
  return made->public_key();
}

Result<> Registry::keep(const trust::Attestation& attestation) {
  has_new_attestations_ = true;
  return around_.world.store.mirrors().save_attestations({stored_of(attestation)}, kMostStrangers);
}

/// What the mirrors that are pinned here say of own publishers' releases goes beside their feeds.
void Registry::hand_on_attestations() {
  const auto steady_now = around_.world.clock.steady_now();
  if (!has_new_attestations_ || steady_now < next_handing_on_) return;
  has_new_attestations_ = false;
  next_handing_on_ = steady_now + kHandingOnInterval;
  if (const auto removed = around_.world.store.mirrors().remove_expired(now()); !removed)
    around_.world.log(removed.error().message);
  const auto stored = around_.world.store.mirrors().attestations_of_pinned(now());
  if (!stored) return around_.world.log(stored.error().message);
  std::map<Digest, std::vector<trust::Attestation>> by_publisher;
  for (const auto& each : *stored)
    if (auto attestation = trust::Attestation::verify(each.envelope))
      by_publisher[attestation->publisher_id()].push_back(std::move(*attestation));
  std::vector<Digest> ids;
  for (const auto& [id, publisher] : publishers_.all())
    if (!publisher->attestations.empty() || by_publisher.count(id) != 0) ids.push_back(id);
  for (const auto& id : ids) {
    const auto& attestations = by_publisher[id];
    const auto set = announcing_.set_attestations(
        id, attestations.empty() ? Bytes() : release::encode_attestations(attestations));
    if (!set) around_.world.log(set.error().message);
  }
}

Result<AttestationView> Registry::attest(const Believed& believed) {
  const auto public_key = mirror_key();
  if (!public_key) return public_key.error();
  const auto* key = keys_.find(OnlineKeys::Use::Mirror, *public_key);
  const trust::NewAttestation what{around_.settings.mirror_name,
                                   believed.manifest.publisher_id(),
                                   believed.manifest.release_id(),
                                   believed.torrent.infohash,
                                   now(),
                                   believed.manifest.total_bytes()};
  auto attestation = trust::Attestation::verify(trust::make_attestation(what, *key));
  if (!attestation) return attestation.error();
  if (const auto kept = keep(*attestation); !kept) return kept.error();
  releases_.on_news(believed.manifest.publisher_id());
  if (auto* follower = following_.find(believed.manifest.publisher_id())) follower->tell();
  return AttestationView{MirrorView{*public_key, what.mirror_name, 0, /*is_own=*/true},
                         std::move(*attestation)};
}

Result<std::int64_t> Registry::attested_until(const Digest& release_id) {
  const auto stored = around_.world.store.mirrors().attestations(release_id, now());
  if (!stored) return stored.error();
  for (const auto& each : *stored) {
    const auto key = trust::PublicKey::from_bytes(each.mirror_key);
    if (key && keys_.find(OnlineKeys::Use::Mirror, *key)) return each.expires;
  }
  return 0;
}

std::vector<Bytes> Registry::own_attestations(const Digest& publisher_id) {
  std::vector<Bytes> own;
  const auto key = known_mirror_key();
  if (!key) return own;
  const auto stored = around_.world.store.mirrors().attestations_by(to_bytes(key->bytes()), now());
  if (!stored) {
    around_.world.log(stored.error().message);
    return own;
  }
  for (const auto& each : *stored) {
    const auto attestation = trust::Attestation::verify(each.envelope);
    if (own.size() < kMostTold && attestation && attestation->publisher_id() == publisher_id)
      own.push_back(each.envelope);
  }
  return own;
}

Result<std::vector<AttestationView>> Registry::attestations(const Digest& release_id) {
  const auto stored = around_.world.store.mirrors().attestations(release_id, now());
  if (!stored) return stored.error();
  const auto pinned = mirrors();
  if (!pinned) return pinned.error();
  std::vector<AttestationView> views;
  for (const auto& each : *stored) {
    auto attestation = trust::Attestation::verify(each.envelope);
    if (!attestation) return attestation.error();
    const auto& key = attestation->mirror_key();
    const auto known = std::find_if(pinned->begin(), pinned->end(),
                                    [&](const MirrorView& mirror) { return mirror.key == key; });
    AttestationView view{std::nullopt, std::move(*attestation)};
    if (known != pinned->end()) view.mirror = *known;
    if (keys_.find(OnlineKeys::Use::Mirror, view.attestation.mirror_key()))
      view.mirror = MirrorView{view.attestation.mirror_key(), view.attestation.mirror_name(), 0,
                               /*is_own=*/true};
    views.push_back(std::move(view));
  }
  return views;
}

Result<> Registry::check_attesters(std::uint32_t needed, const std::vector<std::string>& from) {
  if (needed == 0 && from.empty()) return Done{};
  const auto pinned = mirrors();
  if (!pinned) return pinned.error();
  for (const auto& name : from)
    if (std::none_of(pinned->begin(), pinned->end(),
                     [&name](const MirrorView& mirror) { return mirror.name == name; }))
      return Error{ErrorCode::NotFound, "no mirror \"" + name + "\" is pinned here",
                   "owrd mirror ls shows whose word counts, owrd mirror add pins one more"};
  const auto able = from.empty() ? pinned->size() : from.size();
  if (able >= needed) return Done{};
  return Error{ErrorCode::Untrusted,
               std::to_string(needed) + " mirrors are to attest it, but only " +
                   std::to_string(able) + " could: nobody else's word counts here",
               "owrd mirror ls shows whose does, owrd mirror add pins one more"};
}

Result<std::vector<std::string>> Registry::require_attestations(
    const Digest& release_id, std::uint32_t needed, const std::vector<std::string>& from) {
  const auto all = attestations(release_id);
  if (!all) return all.error();
  std::vector<std::string> names;
  for (const auto& each : *all) {
    if (!each.mirror || each.mirror->is_own) continue;
    const auto& name = each.mirror->name;
    if (from.empty() || std::find(from.begin(), from.end(), name) != from.end())
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  if (names.size() >= needed) return names;
  std::string which;
  for (const auto& name : names) which += (which.empty() ? " (" : ", ") + name;
  return Error{ErrorCode::Untrusted,
               "the release is attested by " + std::to_string(names.size()) + " of the " +
                   std::to_string(needed) + " mirrors that are asked for" +
                   (which.empty() ? "" : which + ")"),
               "owrd mirror ls shows whose word counts; mirrors attest with owrd attest"};
}

/// Those in the feed are the mirrors' own words, whoever hands them on.
void Registry::take_attestations(const KnownPublisher& publisher) {
  const auto attestations = release::parse_attestations(publisher.attestations);
  if (!attestations)
    return around_.world.log(publisher.petname + ": " + attestations.error().message);
  std::vector<store::StoredAttestation> concerning;
  for (const auto& each : *attestations)
    if (concerns(each)) concerning.push_back(stored_of(each));
  const auto kept = around_.world.store.mirrors().save_attestations(concerning, kMostStrangers);
  if (!kept) around_.world.log(kept.error().message);
}

/// Strangers cannot fill the store with releases that nobody here knows.
bool Registry::concerns(const trust::Attestation& attestation) const {
  const auto* publisher = publishers_.find(attestation.publisher_id());
  if (!publisher || attestation.expires() <= now()) return false;
  if (attestation.verified() > now() + kClockSlackSeconds) return false;
  const auto& feed = publisher->known.feed;
  return (feed && feed->find(attestation.release_id())) ||
         releases_.is_here(attestation.release_id()) ||
         releases_.is_resolving(attestation.infohash());
}

void Registry::hear(const std::string& peer, ByteView object) {
  if (const auto statement = trust::Statement::verify(object)) return hear(peer, *statement);
  const auto attestation = trust::Attestation::verify(object);
  if (!attestation) return following_.hear(peer, object);
  if (!concerns(*attestation)) return;
  if (const auto kept = keep(*attestation); !kept) around_.world.log(kept.error().message);
}

std::vector<Bytes> Registry::objects_for(const Digest& publisher_id, const Digest& release_id) {
  std::vector<Bytes> objects;
  if (const auto* publisher = publishers_.find(publisher_id); publisher && publisher->known.head)
    objects.push_back(publisher->known.head->envelope().raw);
  const auto known = attestations(release_id);
  if (!known) return objects;
  for (const auto& each : *known)
    if (objects.size() < kMostTold) objects.push_back(each.attestation.raw());
  add_statements_on(release_id, objects);
  return objects;
}

}  // namespace owrd::engine
