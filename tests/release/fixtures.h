#pragma once

#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/release/layers.h"
#include "daemon/release/manifest.h"

/// Small releases to test with.
namespace owrd::release::testing {

struct Content {
  std::string path;
  Bytes bytes;
};

/// SHA-256("<path>/0"), SHA-256("<path>/1") and so on, cut to `size`: bytes that any language can
/// make again.
Bytes pattern(const std::string& path, std::size_t size);
/// A safetensors file of exactly `size` bytes, at least 200, with one tensor of a pattern.
Content weights_file(const std::string& path, std::size_t size);
Content pattern_file(const std::string& path, std::size_t size);

/// Puts layers.owrd, as it must be, among the contents; they stay in tree order.
std::vector<Content> with_layers(std::vector<Content> contents, std::uint64_t piece_length);
Layers layers_of(const std::vector<Content>& contents, std::uint64_t piece_length);

/// A manifest that is good in all but, perhaps, its files.
v1::Manifest describe(const std::string& dir, std::uint64_t piece_length,
                      const std::vector<Content>& contents);

/// LICENSE, empty.txt, layers.owrd, model.safetensors (four pieces of 64 KiB) and
/// tokenizer/vocab.txt.
std::vector<Content> example_contents();
v1::Manifest example_message();

}  // namespace owrd::release::testing
