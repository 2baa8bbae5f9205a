#pragma once

#include <string>

#include "daemon/core/bytes.h"

/// A release in others' formats. The same values always give the same bytes: times are the
/// manifest's, and what must be unique is derived from the release id.
namespace owrd::exports {

/// A file in somebody else's format.
struct Exported {
  std::string media_type;
  std::string suggested_name;  ///< One path element.
  Bytes bytes;
};

/// What only the reader of a manifest can tell about where it comes from.
struct Origin {
  std::string publisher;  ///< The reader's name for the publisher; may be empty.
  std::string link;       ///< A URI that leads to the release, such as a magnet link; may be empty.
};

}  // namespace owrd::exports
