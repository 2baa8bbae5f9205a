#pragma once

#include <optional>
#include <string>
#include <string_view>

/// How models are named on Hugging Face and in git.
namespace owrd::card {

/// 40 lower-case hex digits.
bool is_commit(std::string_view text);
/// "acme/atlas", or "gpt2" as the oldest are named: at most 96 letters, digits, '.', '_' and '-' in
/// each part, not "..", "--" or ".git" at its end.
bool is_repository(std::string_view text);
/// With both of its parts.
bool is_full_repository(std::string_view text);

/// Where a snapshot comes from.
struct Origin {
  std::string purl;  ///< "pkg:huggingface/acme/atlas@<commit>"; of an unknown host a git URL.
  std::string name;  ///< "atlas"
};

/// By a folder of Hugging Face's cache: ".../models--acme--atlas/snapshots/<commit>".
std::optional<Origin> origin_of_cache(std::string_view location);
/// By the address of a git remote; what it holds of users and passwords is left out. None for
/// addresses that are on no other machine.
std::optional<Origin> origin_of_remote(std::string_view url, std::string_view commit);

}  // namespace owrd::card
