// The engine's get by name: asks for the publisher's newest head, and gets what it lists.

#include <algorithm>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/engine/impl.h"
#include "daemon/release/path_rules.h"
#include "daemon/release/terms.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

/// How old an answer may be that need not be asked for again.
constexpr std::int64_t kRecentSeconds = 300;
/// For other sources, which may know of something newer, once one has answered.
constexpr auto kGrace = 1500ms;

bool is_moving(const Ref& ref) { return !ref.release_id && !release::is_valid_version(ref.label); }

/// A feed is written by whoever has the head key, which signs no release: what it lists must be the
/// publisher's own, and bear that name itself.
Result<> check_listing(const ListedView& listed, const Believed& believed) {
  const auto& manifest = believed.manifest;
  const auto hint = "owrd publisher refresh " + listed.petname + ", then try again";
  if (listed.release.release_id != manifest.release_id())
    return Error{ErrorCode::BadSignature,
                 listed.petname + " lists " + listed.ref() +
                     " as sha256:" + listed.release.release_id.to_hex() +
                     ", but its torrent holds sha256:" + manifest.release_id().to_hex(),
                 hint};
  if (listed.publisher_id != manifest.publisher_id() || listed.release.model != manifest.model() ||
      listed.release.version != manifest.version())
    return Error{ErrorCode::BadSignature,
                 listed.petname + " lists " + listed.ref() + ", but what was signed is " +
                     ref_text(believed.petname, manifest),
                 hint};
  return Done{};
}

/// Who counts by the request and by the configuration; nobody named is everybody.
std::vector<std::string> both(const std::vector<std::string>& asked,
                              const std::vector<std::string>& configured) {
  if (asked.empty() || configured.empty()) return asked.empty() ? configured : asked;
  std::vector<std::string> names;
  for (const auto& name : asked)
    if (std::find(configured.begin(), configured.end(), name) != configured.end())
      names.push_back(name);
  // Nobody is left, which is not everybody.
  if (names.empty()) names.push_back("");
  return names;
}

bool is_about_release(const release::Manifest& manifest, const std::string& path) {
  if (path == release::kProofName) return true;
  return std::any_of(manifest.files().begin(), manifest.files().end(),
                     [&path](const release::File& file) {
                       return file.path == path && release::is_about_release(file);
                     });
}

std::string problems_of(const std::vector<SourceAnswer>& answers) {
  std::string text;
  for (const auto& answer : answers)
    if (!answer.problem.empty())
      text += (text.empty() ? "" : "; ") + answer.source + ": " + answer.problem;
  return text.empty() ? "no source of it is known" : text;
}

}  // namespace

Result<> Engine::Impl::get_named(const GetRequest& asked, const EarPtr<TransferDone>& ear) {
  const auto ref = registry.complete(*asked.ref);
  if (!ref) return ref.error();
  auto request = asked;
  request.ref = *ref;
  const auto* publisher = registry.find(ref->publisher);
  // Without a feed only what is here has a name.
  if (!publisher || !publisher->root().head_key()) {
    const auto found = find(*ref);
    if (!found) return found.error();
    return get_known(request, *found, ear);
  }
  if (!must_ask(*publisher, *ref)) return get_listed(request, ear);
  ask(*publisher, request, ear);
  return Done{};
}

/// Whether there could be news that change what the ref stands for, or whether it may be had.
bool Engine::Impl::must_ask(const KnownPublisher& publisher, const Ref& ref) {
  const auto& feed = publisher.known.feed;
  if (!feed) return true;
  const auto now = around.world.clock.now();
  const bool is_fresh =
      release::freshness_of(publisher.known, now).freshness == release::Freshness::Fresh;
  if (!is_moving(ref) && feed->find(ref.model, ref.label)) return !is_fresh;
  return now - registry.follower(publisher.id)->last_checked() > kRecentSeconds;
}

void Engine::Impl::ask(const KnownPublisher& publisher, const GetRequest& request,
                       const EarPtr<TransferDone>& ear) {
  const auto get =
      std::make_shared<NamedGet>(NamedGet{request, ear, std::make_shared<RoundObserver>()});
  named_gets.push_back(get);
  get->round->on_answer = [this, weak = std::weak_ptr(get)](const SourceAnswer& answer) {
    const auto waiting = weak.lock();
    if (!waiting) return;
    waiting->answers.push_back(answer);
    if (answer.is_good() && !waiting->go_on_at)
      waiting->go_on_at = around.world.clock.steady_now() + kGrace;
  };
  get->round->on_done = [this, weak = std::weak_ptr(get)] {
    const auto waiting = weak.lock();
    if (!waiting) return;
    waiting->go_on_at = around.world.clock.steady_now();
    waiting->is_round_over = true;
  };
  auto* follower = registry.follower(publisher.id);
  follower->add_peers(request.peers);
  follower->refresh(get->round);
}

void Engine::Impl::step_named_gets() {
  const auto now = around.world.clock.steady_now();
  const auto waiting = named_gets;
  for (const auto& get : waiting) {
    if (!get->ear->is_listening() && !get->request.detach) {
      get->is_over = true;
    } else if (get->go_on_at && now >= *get->go_on_at && !may_still_be_listed(*get)) {
      get->is_over = true;
      go_on(*get);
    } else {
      TransferProgress progress;
      progress.release.ref = to_string(*get->request.ref);
      progress.release.state = State::Resolving;
      progress.release.detail = "asking for the newest head of " + get->request.ref->publisher;
      get->ear->progress(progress);
    }
  }
  std::erase_if(named_gets, [](const auto& get) { return get->is_over; });
}

/// What is known lists no such thing, and a source that may know more has not answered.
bool Engine::Impl::may_still_be_listed(const NamedGet& get) const {
  if (get.is_round_over) return false;
  const auto resolved =
      registry.resolve({*get.request.ref, /*allow_stale=*/true, "", get.request.allow_pre});
  return !resolved && resolved.error().code == ErrorCode::NotFound;
}

void Engine::Impl::go_on(NamedGet& get) {
  const auto* publisher = registry.find(get.request.ref->publisher);
  const bool knows_nothing = publisher && !publisher->known.feed;
  if (knows_nothing) {
    // What is here is had without anybody's help.
    const auto found = find(*get.request.ref);
    const auto begun =
        found ? get_known(get.request, *found, get.ear)
              : Result<>(Error{ErrorCode::NoSources,
                               "no head of " + publisher->petname + " was found, so " +
                                   to_string(*get.request.ref) +
                                   " cannot be resolved: " + problems_of(get.answers),
                               "try again, or get the release by its magnet link or .owr"});
    if (!begun) get.ear->done(begun.error());
    return;
  }
  if (const auto begun = get_listed(get.request, get.ear); !begun) get.ear->done(begun.error());
}

Result<> Engine::Impl::get_listed(const GetRequest& asked, const EarPtr<TransferDone>& ear) {
  auto resolved =
      registry.resolve({*asked.ref, asked.allow_stale, asked.accept_withdrawn, asked.allow_pre});
  if (!resolved) {
    // Published here and not listed, or listed by a feed that is lost.
    const auto found = find(*asked.ref);
    if (!found || resolved.error().code != ErrorCode::NotFound) return resolved.error();
    return get_known(asked, *found, ear);
  }
  auto request = asked;
  request.resolved = *resolved;
  const auto& listed = resolved->listed.release;
  const auto known = transfers.find(listed.release_id);
  if (known != transfers.end()) {
    if (const auto checked = check_wishes(request, known->second->believed()); !checked)
      return checked;
    return get_known(request, known->second, ear);
  }
  request.magnet = release::Magnet{listed.infohash, listed.model + "-" + listed.version,
                                   listed.peers, listed.trackers};
  return get_magnet(request, ear);
}

Result<> Engine::Impl::check_wishes(GetRequest& request, const Believed& believed) {
  const auto id = believed.manifest.release_id();
  if (!request.resolved) {
    auto standing =
        registry.standing(believed.manifest.publisher_id(), id, request.accept_withdrawn);
    if (!standing) return standing.error();
    request.resolved = std::move(*standing);
  } else if (const auto listed = check_listing(request.resolved->listed, believed); !listed) {
    return listed;
  }
  const auto& settings = around.settings;
  const auto needed = std::max(request.require_attestations, settings.require_attestations);
  if (needed == 0) return Done{};
  request.require_attestations = needed;
  request.attested_by = both(request.attested_by, settings.attested_by);
  auto attested = registry.require_attestations(id, needed, request.attested_by);
  if (!attested) return attested.error();
  request.attested_by = std::move(*attested);
  return Done{};
}

/// Terms that want to be accepted are, or else nothing but what states them is fetched.
Result<> Engine::Impl::check_terms(GetRequest& request, const Believed& believed,
                                   const std::vector<bool>& wanted) {
  const auto& manifest = believed.manifest;
  if (!release::asks_for_acceptance(manifest)) return Done{};
  auto& licenses = around.world.store.licenses();
  const auto digest = release::terms_digest(manifest);
  const auto accepted = licenses.is_accepted(digest);
  if (!accepted) return accepted.error();
  if (*accepted) return Done{};
  const auto ref = ref_text(believed.petname, manifest);
  if (request.accept_license == digest.to_hex()) {
    if (request.dry_run) return Done{};
    return licenses.accept(
        {digest, ref, manifest.release_id(), manifest.license(), around.world.clock.now()});
  }
  if (request.dry_run) {
    request.unaccepted_license = digest;
    return Done{};
  }
  const auto& files = believed.torrent.files;
  bool is_harmless = true;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (wanted[i]) is_harmless = is_harmless && is_about_release(manifest, files[i].path);
  if (is_harmless) return Done{};
  return Error{
      ErrorCode::NotAccepted,
      request.accept_license.empty()
          ? ref + " is under " + manifest.license() + ", which asks to be accepted first"
          : "these are not the terms of " + ref + ": they may have changed",
      "owrd license show " + ref + ", then: owrd get … --accept-license sha256:" + digest.to_hex()};
}

TransferPlan Engine::Impl::with_wishes(TransferPlan plan, const GetRequest& request) const {
  plan.unaccepted_license = request.unaccepted_license;
  plan.resolved = request.resolved;
  if (request.require_attestations != 0) plan.attested_by = request.attested_by;
  return plan;
}

}  // namespace owrd::engine
