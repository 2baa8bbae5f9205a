#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/card/front_matter.h"
#include "daemon/card/hub_names.h"
#include "daemon/card/snapshot.h"

/// The parts of suggest(). Each fills in what one kind of file says.
namespace owrd::card {

bool has_file(const Snapshot& snapshot, std::string_view path);

void suggest_from_card(const FrontMatter& card, Suggested& out);
/// The model that an adapter is for.
void suggest_adapter_base(const Snapshot& snapshot, Suggested& out);
/// The benchmarks of .eval_results.
void suggest_eval_results(const Snapshot& snapshot, Suggested& out);
/// The id, the name and the text.
void suggest_license(const Snapshot& snapshot, const FrontMatter& card, Suggested& out);
/// Architecture, quantizations, the code that must run, and the number of parameters.
void suggest_from_weights(const Snapshot& snapshot, Suggested& out);

/// By the cache of Hugging Face, or by the clone that the folder is.
std::optional<Origin> find_origin(const Snapshot& snapshot);

}  // namespace owrd::card
