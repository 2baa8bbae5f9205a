#pragma once

#include <string>
#include <string_view>

#include "owrd/v1/release.pb.h"

/// What a release was made of.
namespace owrd::release {

/// "finetune", "adapter", "merge", "quantized", "distilled", "converted"; "derived" for a relation
/// that is not known.
std::string_view to_string(v1::Relation relation);

/// The value of base_model_relation in a Hugging Face model card; empty where there is none.
std::string_view hugging_face_relation(v1::Relation relation);

/// Its name, else its package URL, else its release id.
std::string name_of(const v1::Lineage& parent);

/// The release and, below it, each model that it was made of: relation, name, where it is, licence.
std::string lineage_text(const v1::Manifest& manifest);

}  // namespace owrd::release
