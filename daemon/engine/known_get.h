#pragma once

namespace owrd::engine {

/// How a release that is here stands to a get that asks for it.
struct KnownRelease {
  bool is_complete;
  bool is_whole;        ///< Complete, and no file known to be bad.
  bool has_all;         ///< Every file that is asked for is among those that it is here with.
  bool goes_elsewhere;  ///< Another directory than its own is asked for.
};

enum class KnownGet {
  Join,              ///< It is being fetched, or was: go on with it.
  Extend,            ///< Fetch what is missing or bad.
  Confirm,           ///< Look whether the files are still what they were; then all is done.
  Copy,              ///< Put one more copy of it where it was asked for.
  RefuseUnfinished,  ///< It is being fetched to another place.
  RefuseIncomplete,  ///< What is here cannot be copied: files are missing or bad.
};

KnownGet decide(const KnownRelease& known);

}  // namespace owrd::engine
