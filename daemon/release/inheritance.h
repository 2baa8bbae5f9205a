#pragma once

#include <optional>
#include <string>

#include "owrd/v1/release.pb.h"

/// What the terms of a model demand of what is made of it.
namespace owrd::release {

/// Why a release with this licence and these use restrictions may not be made of a model under
/// `parent_license`; none when nothing is known against it. Restrictions count as carried on when
/// the licence has them or the manifest states them.
std::optional<std::string> find_inheritance_fault(const std::string& parent_license,
                                                  v1::Relation relation, const v1::License& license,
                                                  const v1::UseRestrictions& use);

}  // namespace owrd::release
