// The registry's names: what the feeds list, and which of it a ref stands for.

#include <algorithm>
#include <sstream>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/engine/registry.h"
#include "daemon/release/publication_rules.h"
#include "daemon/release/standing.h"

namespace owrd::engine {
namespace {

constexpr std::size_t kMostFound = 1000;

const char* reason_name(v1::NoticeReason reason) {
  switch (reason) {
    case v1::NOTICE_REASON_DEFECT:
      return "defect";
    case v1::NOTICE_REASON_SECURITY:
      return "security";
    case v1::NOTICE_REASON_LEGAL:
      return "legal";
    case v1::NOTICE_REASON_HARM:
      return "harm";
    case v1::NOTICE_REASON_SUPERSEDED:
      return "superseded";
    default:
      return "other";
  }
}

std::string said(const release::ListedNotice& notice) {
  const auto& text = notice.notice.text();
  return std::string(reason_name(notice.notice.reason())) +
         (text.empty() ? "" : ": " + quoted(text));
}

Error not_fresh(const KnownPublisher& publisher, const std::string& name, std::int64_t since) {
  return {ErrorCode::Untrusted,
          name + " cannot be resolved: the newest head of " + publisher.petname +
              " that is known expired on " + format_time(since) +
              ", so nobody says that nothing newer exists",
          "owrd publisher refresh " + publisher.petname +
              ", or name a version, or --allow-stale to take what was newest then"};
}

Error is_forked(const KnownPublisher& publisher) {
  return {
      ErrorCode::BadSignature,
      publisher.petname +
          " has said two different things under one number: what is newest "
          "cannot be known",
      "owrd publisher evidence " + publisher.petname + "; a version or a digest can still be had"};
}

Error withdrawn(const ListedView& listed, const release::ListedNotice& notice) {
  return {ErrorCode::Untrusted,
          listed.ref() + " was withdrawn by its publisher (" + said(notice) + ")",
          std::string("if you must have it: --accept-withdrawn ") +
              reason_name(notice.notice.reason())};
}

/// A digest alone names one release, whatever is the newest.
Result<release::Named> find_named(const release::Feed& feed, const Ref& ref, bool allow_pre) {
  if (!ref.release_id || !ref.label.empty())
    return release::resolve_label(
        feed, ref.model, ref.label,
        allow_pre ? release::Choose::PreReleasesToo : release::Choose::PublicOnly);
  const auto* listed = feed.find(*ref.release_id);
  if (listed && listed->model == ref.model)
    return release::Named{listed, release::LabelKind::Version};
  return Error{ErrorCode::NotFound, ref.publisher + " lists no release of that digest",
               "owrd release ls " + ref.publisher + "/" + ref.model};
}

std::string one_line(const v1::ChannelSet& setting) {
  const auto name = setting.model() + ":" + setting.channel();
  return setting.version().empty() ? "removes the channel " + name
                                   : name + " is " + setting.version();
}

const char* verb_of(v1::NoticeKind kind) {
  switch (kind) {
    case v1::NOTICE_KIND_YANK:
      return "yanks ";
    case v1::NOTICE_KIND_UNYANK:
      return "takes back the yank of ";
    case v1::NOTICE_KIND_WITHDRAW:
      return "withdraws ";
    case v1::NOTICE_KIND_STAGE:
      return "promotes ";
    default:
      return "advises on ";
  }
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

NoticeView Registry::describe(const KnownPublisher& publisher,
                              const release::ListedNotice& notice) const {
  NoticeView view{notice.notice, {}};
  for (const auto& key : notice.signers)
    view.signed_by.push_back(publisher.petname + " (" + trust::fingerprint(key.id()) + ")");
  return view;
}

std::vector<NoticeView> Registry::notices_of(const KnownPublisher& publisher,
                                             const Digest& id) const {
  std::vector<NoticeView> views;
  for (const auto& notice : publisher.known.feed->notices())
    if (notice.is_believed() && notice.notice.release_id() == id)
      views.push_back(describe(publisher, notice));
  return views;
}

ListedView Registry::describe(const KnownPublisher& publisher,
                              const release::ListedRelease& listed) const {
  const auto& feed = *publisher.known.feed;
  const auto standing = release::standing_of(feed, listed.release_id);
  return {publisher.petname,
          publisher.id,
          listed,
          release::channels_of(feed, listed),
          notices_of(publisher, listed.release_id),
          standing.yanked != nullptr,
          standing.withdrawn != nullptr,
          releases_.is_here(listed.release_id),
          standing.stage};
}

ChannelView Registry::describe(const KnownPublisher& publisher, const std::string& model,
                               const std::string& channel, const std::string& version,
                               std::int64_t set) const {
  const auto* release = version.empty() ? nullptr : publisher.known.feed->find(model, version);
  ChannelView view{publisher.petname, model, channel, version, set};
  if (release) view.release_id = release->release_id;
  return view;
}

Result<Ref> Registry::complete(const Ref& ref) const {
  if (!ref.publisher.empty() || ref.model.empty()) return ref;
  std::vector<std::string> candidates;
  for (const auto& [id, publisher] : publishers_.all())
    if (publisher->known.feed && !release::releases_of(*publisher->known.feed, ref.model).empty())
      candidates.push_back(publisher->petname);
  std::sort(candidates.begin(), candidates.end());
  if (candidates.empty())
    return Error{ErrorCode::NotFound, "no pinned publisher lists a model " + quoted(ref.model),
                 "name its publisher: PUBLISHER/" + ref.model};
  if (candidates.size() > 1) {
    std::string names;
    for (const auto& each : candidates)
      names += (names.empty() ? "" : ", ") + each + "/" + ref.model;
    return Error{ErrorCode::InvalidInput, quoted(ref.model) + " could be any of " + names,
                 "name its publisher"};
  }
  auto complete = ref;
  complete.publisher = candidates.front();
  return complete;
}

Result<ResolvedView> Registry::resolve(const Resolve& request) const {
  const auto ref = complete(request.ref);
  if (!ref) return ref.error();
  const auto* publisher = publishers_.find(ref->publisher);
  if (!publisher)
    return Error{ErrorCode::Untrusted, "publisher \"" + ref->publisher + "\" is not pinned here",
                 "get its .owrp from a place you trust, then: owrd publisher add FILE.owrp --as " +
                     ref->publisher};
  if (!publisher->known.feed)
    return Error{ErrorCode::NotFound,
                 "no feed of " + publisher->petname + " is known, so its names cannot be resolved",
                 "owrd publisher refresh " + publisher->petname +
                     ", or get the release by its magnet link or .owr"};
  const auto& feed = *publisher->known.feed;
  const auto named = find_named(feed, *ref, request.allow_pre);
  if (!named)
    return Error{named.error().code, to_string(*ref) + ": " + named.error().message,
                 named.error().hint};
  ResolvedView resolved{describe(*publisher, *named->release), {}};
  const auto& listed = resolved.listed;
  if (ref->release_id && *ref->release_id != listed.release.release_id)
    return Error{ErrorCode::BadSignature, to_string(*ref) + ": " + publisher->petname + " lists " +
                                              listed.ref() +
                                              " as sha256:" + listed.release.release_id.to_hex()};

  const auto freshness = release::freshness_of(publisher->known, now());
  const bool is_moving = named->kind == release::LabelKind::Moving && !ref->release_id;
  if (publisher->forked_since != 0) {
    if (is_moving && !request.allow_stale && !request.for_show) return is_forked(*publisher);
    resolved.warnings.push_back(is_forked(*publisher).message);
  }
  if (freshness.freshness == release::Freshness::Expired) {
    if (is_moving && !request.allow_stale && !request.for_show)
      return not_fresh(*publisher, to_string(*ref), freshness.since);
    resolved.warnings.push_back("what is known of " + publisher->petname + " expired on " +
                                format_time(freshness.since) + ": there may be newer notices");
  }
  const auto standing = release::standing_of(feed, listed.release.release_id);
  if (standing.withdrawn) {
    const auto* reason = reason_name(standing.withdrawn->notice.reason());
    if (!request.for_show && request.accept_withdrawn != reason)
      return withdrawn(listed, *standing.withdrawn);
    resolved.warnings.push_back(listed.ref() + " was withdrawn (" + said(*standing.withdrawn) +
                                ")");
  }
  if (!standing.is_public())
    resolved.warnings.push_back(listed.ref() + " is not a public release: its stage is " +
                                std::string(release::to_string(standing.stage)));
  if (standing.yanked)
    resolved.warnings.push_back(listed.ref() + " was yanked (" + said(*standing.yanked) + ")");
  for (const auto* advisory : standing.advisories)
    resolved.warnings.push_back("advisory on " + listed.ref() + " (" + said(*advisory) + ")");
  return resolved;
}

Result<std::optional<ResolvedView>> Registry::standing(const Digest& publisher_id,
                                                       const Digest& release_id,
                                                       const std::string& accept_withdrawn) const {
  const auto* publisher = publishers_.find(publisher_id);
  if (!publisher || !publisher->known.feed) return std::optional<ResolvedView>();
  const auto* listed = publisher->known.feed->find(release_id);
  if (!listed) return std::optional<ResolvedView>();
  Ref ref{publisher->petname, listed->model, listed->version, release_id, ""};
  auto resolved = resolve({std::move(ref), /*allow_stale=*/true, accept_withdrawn});
  if (!resolved) return resolved.error();
  return std::optional(std::move(*resolved));
}

Result<std::vector<ListedView>> Registry::list(const std::string& name) const {
  const auto slash = name.find('/');
  const auto petname = name.substr(0, slash);
  const auto model = slash == std::string::npos ? "" : name.substr(slash + 1);
  if (!petname.empty())
    if (const auto found = find_by_name(petname); !found) {
      const auto model_of = complete(Ref{"", petname, "", std::nullopt, ""});
      if (slash != std::string::npos || !model_of) return found.error();
      return Error{found.error().code, found.error().message,
                   "of the model: owrd release ls " + model_of->publisher + "/" + petname};
    }
  std::vector<ListedView> views;
  for (const auto& [id, publisher] : publishers_.all()) {
    const bool is_meant = petname.empty() || publisher->petname == petname ||
                          id.to_hex().compare(0, petname.size(), petname) == 0;
    if (!is_meant || !publisher->known.feed) continue;
    const auto& feed = *publisher->known.feed;
    for (const auto& each : release::models_of(feed))
      if (model.empty() || each == model)
        for (const auto* release : release::releases_of(feed, each))
          views.push_back(describe(*publisher, *release));
  }
  std::stable_sort(views.begin(), views.end(), [](const ListedView& a, const ListedView& b) {
    return std::tie(a.petname, a.release.model) < std::tie(b.petname, b.release.model);
  });
  if (views.empty() && !model.empty())
    return Error{ErrorCode::NotFound, petname + " lists no model " + quoted(model),
                 "owrd release ls " + petname};
  return views;
}

Result<std::vector<ChannelView>> Registry::channels(const std::string& name) const {
  const auto listed = list(name);
  if (!listed) return listed.error();
  std::vector<ChannelView> views;
  for (const auto& each : *listed) {
    const auto& publisher = *publishers_.find(each.publisher_id);
    const auto& set = publisher.known.feed->channels();
    for (const auto& channel : each.channels) {
      const auto found = set.find({each.release.model, channel});
      const bool is_set = found != set.end() && found->second.version == each.release.version;
      views.push_back(describe(publisher, each.release.model, channel, each.release.version,
                               is_set ? found->second.set : 0));
    }
  }
  return views;
}

LogView Registry::describe(const KnownPublisher& publisher, std::size_t number) const {
  const auto& feed = *publisher.known.feed;
  const auto& record = feed.records()[number];
  LogView view{number, record.added(), ""};
  const auto is_it = [number](const auto& each) { return each.record == number; };
  switch (record.record_case()) {
    case v1::FeedRecord::kRoot: {
      const auto& records = feed.records();
      view.root_version = static_cast<std::uint64_t>(
          std::count_if(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(number) + 1,
                        [](const v1::FeedRecord& each) { return each.has_root(); }));
      view.text = "root " + std::to_string(view.root_version);
      break;
    }
    case v1::FeedRecord::kRelease: {
      const auto found = std::find_if(feed.releases().begin(), feed.releases().end(), is_it);
      view.listed = describe(publisher, *found);
      view.text = "releases " + found->model + ":" + found->version;
      break;
    }
    case v1::FeedRecord::kChannel: {
      const auto& setting = record.channel();
      view.channel = describe(publisher, setting.model(), setting.channel(), setting.version(),
                              record.added());
      view.text = one_line(setting);
      break;
    }
    case v1::FeedRecord::kNotice: {
      const auto found = std::find_if(feed.notices().begin(), feed.notices().end(), is_it);
      const auto& notice = found->notice;
      view.notice = describe(publisher, *found);
      const bool is_stage = notice.kind() == v1::NOTICE_KIND_STAGE;
      view.text = verb_of(notice.kind()) + notice.model() + ":" + notice.version() +
                  (is_stage ? " to " + std::string(release::to_string(notice.message().stage()))
                            : " (" + said(*found) + ")") +
                  (found->is_believed() ? "" : ", which is not believed");
      break;
    }
    case v1::FeedRecord::RECORD_NOT_SET:
      break;
  }
  return view;
}

Result<std::vector<LogView>> Registry::log(const std::string& name) const {
  const auto slash = name.find('/');
  const auto found = find_by_name(name.substr(0, slash));
  if (!found) return found.error();
  const auto& publisher = **found;
  if (!publisher.known.feed)
    return Error{ErrorCode::NotFound, "no feed of " + publisher.petname + " is known",
                 "owrd publisher refresh " + publisher.petname};
  const auto model = slash == std::string::npos ? "" : name.substr(slash + 1);
  std::vector<LogView> views;
  for (std::size_t i = 0; i < publisher.known.feed->records().size(); ++i) {
    auto view = describe(publisher, i);
    const auto concerns = view.listed    ? view.listed->release.model
                          : view.channel ? view.channel->model
                          : view.notice  ? view.notice->notice.model()
                                         : "";
    if (model.empty() || concerns == model) views.push_back(std::move(view));
  }
  return views;
}

Result<Registry::Found> Registry::search(const std::string& text, std::size_t limit) {
  const auto words = words_of(text);
  if (words.empty())
    return Error{ErrorCode::InvalidInput, "nothing to search for", "owrd search atlas"};
  const auto most = std::min(limit, kMostFound);
  const auto hits = around_.world.store.feeds().search(words, most + 1);
  if (!hits) return hits.error();
  Found found{{}, hits->size() > most};
  for (const auto& hit : *hits) {
    if (found.releases.size() == most) break;
    const auto* publisher = publishers_.find(hit.publisher_id);
    if (!publisher || !publisher->known.feed) continue;
    const auto& releases = publisher->known.feed->releases();
    const auto release =
        std::find_if(releases.begin(), releases.end(),
                     [&](const release::ListedRelease& each) { return each.record == hit.record; });
    if (release != releases.end()) found.releases.push_back(describe(*publisher, *release));
  }
  return found;
}

}  // namespace owrd::engine
