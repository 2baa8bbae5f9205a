#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd {

/// How a person names a release: `publisher/model[:label][@sha256:<64 hex>]`, or `@sha256:<64
/// hex>`, or at least 12 hex digits of a release id. In the latter two, publisher and model are
/// empty.
struct Ref {
  std::string publisher;  ///< A petname, lower case.
  std::string model;
  std::string label;  ///< A version or a channel; empty when none was given.
  std::optional<Digest> release_id;
  std::string id_prefix;  ///< 12 to 63 hex digits, when only those were given.
};

/// Also accepts a leading `owrd:` and `publisher/model@label`.
Result<Ref> parse_ref(std::string_view text);
/// The same, or a model alone, `model[:label][@sha256:<64 hex>]`: then the publisher is empty, for
/// whoever knows the models to find it.
Result<Ref> parse_name(std::string_view text);
std::string to_string(const Ref& ref);

/// lower *( lower / digit / "-" / "." ), 1 to 63 characters.
bool is_valid_petname(std::string_view text);
/// alnum *( alnum / "." / "_" / "-" ), 1 to 96 characters: a model or a label.
bool is_valid_name(std::string_view text);

}  // namespace owrd
