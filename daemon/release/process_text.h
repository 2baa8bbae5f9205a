#pragma once

#include <string>

#include "daemon/release/evaluation.h"
#include "daemon/release/label.h"
#include "daemon/release/openness.h"

/// What is computed of a release, as lines of text.
namespace owrd::release {

/// The four axes, each with its verdict and reasons.
std::string evaluation_text(const Evaluation& evaluation);

/// The label, what each higher one lacks, and whether the model can be made again.
std::string label_text(const LabelReport& report);

/// What the release may be called, and what each definition finds.
std::string openness_text(const Openness& openness);

}  // namespace owrd::release
