#pragma once

#include <random>

#include "owrd/v1/release.pb.h"

/// Manifests with whatever a publisher may say.
namespace owrd::card::testing {

/// Every field is set, lists and texts from their simplest to their oddest.
v1::Manifest every_field();

/// Each field is set or not by `random`.
v1::Manifest some_fields(std::mt19937& random);

}  // namespace owrd::card::testing
