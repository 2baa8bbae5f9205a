#include "daemon/release/naming.h"

#include <algorithm>
#include <set>

#include "daemon/core/suggest.h"
#include "daemon/core/text.h"
#include "daemon/release/manifest.h"
#include "daemon/release/standing.h"
#include "daemon/release/version_order.h"

namespace owrd::release {
namespace {

constexpr std::string_view kLatest = "latest";
constexpr std::size_t kMostExamples = 5;

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

bool may_be_chosen(const Feed& feed, const ListedRelease& release, Choose choose) {
  const auto standing = standing_of(feed, release.release_id);
  if (standing.is_skipped()) return false;
  const bool is_early = is_pre_release(release.version) || !standing.is_public();
  return !is_early || (choose == Choose::PreReleasesToo && standing.stage != v1::STAGE_DEPRECATED);
}

/// "1" has 1.0 and 1.2.3; "1.2" has 1.2.3.
bool is_in_range(std::string_view range, std::string_view version) {
  return version == range || (version.starts_with(range) && version[range.size()] == '.');
}

Error no_model(const Feed& feed, std::string_view model) {
  const auto models = models_of(feed);
  const std::vector<std::string_view> candidates(models.begin(), models.end());
  const auto meant = nearest(model, candidates);
  return {ErrorCode::NotFound, "no model " + quoted(model) + " is listed",
          meant ? "did you mean " + *meant + "?" : "owrd release ls shows what is"};
}

Error nothing_to_choose(const Feed& feed, const std::string& name) {
  std::string versions;
  const auto model = name.substr(0, name.find(':'));
  std::size_t count = 0;
  for (const auto* release : releases_of(feed, model))
    if (count++ < kMostExamples) versions += (versions.empty() ? "" : ", ") + release->version;
  return {ErrorCode::NotFound,
          name +
              " stands for no release: pre-releases, what is not public, and what was yanked or "
              "withdrawn are only had by their versions",
          "there are " + versions + "; --pre takes pre-releases, too"};
}

Error skipped(const std::string& name, const ListedRelease& release, const Standing& standing) {
  const auto* notice = standing.withdrawn ? standing.withdrawn : standing.yanked;
  return {ErrorCode::NotFound,
          name + " names " + release.version + ", which its publisher has " +
              (standing.withdrawn ? "withdrawn: " : "yanked: ") + quoted(notice->notice.text()),
          "name a version: owrd release ls " + release.model};
}

}  // namespace

std::vector<std::string> models_of(const Feed& feed) {
  std::set<std::string> models;
  for (const auto& release : feed.releases()) models.insert(release.model);
  return {models.begin(), models.end()};
}

std::vector<const ListedRelease*> releases_of(const Feed& feed, std::string_view model) {
  std::vector<const ListedRelease*> releases;
  for (const auto& release : feed.releases())
    if (release.model == model) releases.push_back(&release);
  std::sort(releases.begin(), releases.end(),
            [](const auto* a, const auto* b) { return version_before(b->version, a->version); });
  return releases;
}

const ListedRelease* latest_of(const Feed& feed, std::string_view model, Choose choose) {
  const auto set = feed.channels().find({std::string(model), std::string(kLatest)});
  if (set != feed.channels().end()) {
    const auto* release = feed.find(model, set->second.version);
    if (release && !standing_of(feed, release->release_id).is_skipped()) return release;
  }
  for (const auto* release : releases_of(feed, model))
    if (may_be_chosen(feed, *release, choose)) return release;
  return nullptr;
}

Result<Named> resolve_label(const Feed& feed, std::string_view model, std::string_view label,
                            Choose choose) {
  const auto releases = releases_of(feed, model);
  if (releases.empty()) return no_model(feed, model);
  const auto name = std::string(model) + ":" + std::string(label.empty() ? kLatest : label);
  if (label.empty() || label == kLatest) {
    if (const auto* latest = latest_of(feed, model, choose))
      return Named{latest, LabelKind::Moving};
    return nothing_to_choose(feed, name);
  }
  if (const auto* exact = feed.find(model, label)) return Named{exact, LabelKind::Version};
  const auto channel = feed.channels().find({std::string(model), std::string(label)});
  if (channel != feed.channels().end()) {
    const auto* release = feed.find(model, channel->second.version);
    const auto standing = standing_of(feed, release->release_id);
    if (standing.is_skipped()) return skipped(name, *release, standing);
    return Named{release, LabelKind::Moving};
  }
  if (!begins_with_digit(label))
    return Error{ErrorCode::NotFound, "no version or channel " + quoted(name) + " is listed",
                 "owrd channel ls and owrd release ls show what is"};
  bool is_range = false;
  for (const auto* release : releases) {
    if (!is_in_range(label, release->version)) continue;
    is_range = true;
    if (may_be_chosen(feed, *release, choose)) return Named{release, LabelKind::Moving};
  }
  if (is_range) return nothing_to_choose(feed, name);
  return Error{ErrorCode::NotFound, "no version " + quoted(name) + " is listed",
               "the newest is " + releases.front()->version};
}

std::vector<std::string> channels_of(const Feed& feed, const ListedRelease& release) {
  std::vector<std::string> channels;
  for (const auto& [key, channel] : feed.channels())
    if (key.first == release.model && key.second != kLatest && channel.version == release.version)
      channels.push_back(key.second);
  if (latest_of(feed, release.model) == &release)
    channels.insert(channels.begin(), std::string(kLatest));
  return channels;
}

}  // namespace owrd::release
