#pragma once

#include <span>
#include <string_view>

#include "daemon/card/schema.h"

namespace owrd::card {

/// What release.toml and its reference say of one key.
struct Row {
  std::string_view field;    ///< "License.text_path", by the schema; or "ReleaseFile.stated_label".
  std::string_view comment;  ///< One line, no full stop.
  std::string_view example;  ///< A TOML value; empty for tables.
};

/// All of them.
std::span<const Row> rows();

/// Null when there is none.
const Row* find_row(std::string_view name);
const Row* find_row(const FieldDescriptor& field);

}  // namespace owrd::card
