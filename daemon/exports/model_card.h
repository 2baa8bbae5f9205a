#pragma once

#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// README.md as Hugging Face wants it: YAML front matter that its hub reads (huggingface/hub-docs,
/// modelcard.md), then the card in Markdown. Says what the manifest says and where it comes from;
/// what the manifest does not say is left out.
Exported model_card(const release::Manifest& manifest, const Origin& origin);

}  // namespace owrd::exports
