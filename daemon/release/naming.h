#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/release/feed.h"

/// Which release of a feed a name stands for. Pure.
namespace owrd::release {

/// What a label asks for.
enum class LabelKind {
  Version,  ///< One release, whatever else there is.
  Moving,   ///< A channel, a range such as "1" or "1.2", or nothing, which is "latest".
};

struct Named {
  const ListedRelease* release;  ///< Into the feed.
  LabelKind kind;
};

/// What a moving label may stand for.
enum class Choose {
  PublicOnly,
  PreReleasesToo,  ///< Also pre-release versions, and stages before the public one.
};

/// NotFound names what there is instead. Moving labels pass over what `choose` leaves out, unless a
/// channel was set to it, and over what was yanked or withdrawn.
Result<Named> resolve_label(const Feed& feed, std::string_view model, std::string_view label,
                            Choose choose = Choose::PublicOnly);

/// The channels that name each release now: those that were set, and "latest".
std::vector<std::string> channels_of(const Feed& feed, const ListedRelease& release);
/// What "latest" stands for; null when there is nothing that it may.
const ListedRelease* latest_of(const Feed& feed, std::string_view model,
                               Choose choose = Choose::PublicOnly);

/// Of a model, the newest version first.
std::vector<const ListedRelease*> releases_of(const Feed& feed, std::string_view model);
/// In alphabetical order.
std::vector<std::string> models_of(const Feed& feed);

}  // namespace owrd::release
