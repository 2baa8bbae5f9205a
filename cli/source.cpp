#include "cli/source.h"

#include <charconv>
#include <cmath>
#include <filesystem>

#include "cli/files.h"
#include "daemon/core/ref.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/release/bundle.h"
#include "daemon/release/torrent.h"
#include "daemon/web/https.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kMostRatio = 1e6;

bool begins_like_path(const std::string& text) {
  return text == "." || text == ".." || text.starts_with('/') || text.starts_with("./") ||
         text.starts_with("../");
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Result<> set_bundle(const std::string& text, v1::GetRequest& request) {
  const auto bytes = read_bundle(text);
  if (!bytes) return bytes.error();
  const auto bundle = release::parse_bundle(*bytes);
  if (!bundle) return bundle.error();
  if (bundle->manifest().empty())
    return Error{ErrorCode::InvalidInput, text + " holds a publisher, not a release",
                 "owrd publisher add " + shell_quote(text)};
  request.set_bundle(std::string(as_text(*bytes)));
  return Done{};
}

}  // namespace

SourceKind kind_of_source(const std::string& text) {
  if (text.starts_with("magnet:")) return SourceKind::Magnet;
  if (text.find("://") != text.npos) return SourceKind::Url;
  if (begins_like_path(text) || text.ends_with(".owr") || text.ends_with(".owrp") || is_file(text))
    return SourceKind::File;
  return SourceKind::Ref;
}

Result<Bytes> read_bundle(const std::string& path_or_url) {
  const bool is_url = kind_of_source(path_or_url) == SourceKind::Url;
  if (is_url && !path_or_url.starts_with("https://"))
    return Error{ErrorCode::InvalidInput, path_or_url + ": only https:// is fetched",
                 "give its https:// URL, or fetch the file by other means and give its path"};
  auto bytes = is_url ? web::fetch_https(path_or_url, release::kBundleLimitBytes)
                      : read_file(path_or_url, release::kBundleLimitBytes);
  if (!bytes) return bytes;
  const auto bundle = release::parse_bundle(*bytes);
  if (!bundle)
    return Error{bundle.error().code, path_or_url + ": " + bundle.error().message,
                 bundle.error().hint};
  if (bundle->roots().empty())
    return Error{ErrorCode::InvalidInput,
                 path_or_url + " holds a draft of a publisher's root, which is not valid yet",
                 "owrd publisher sign " + shell_quote(path_or_url) + " --key NAME"};
  return bytes;
}

Result<> set_source(const std::string& text, v1::GetRequest& request) {
  switch (kind_of_source(text)) {
    case SourceKind::Magnet: {
      const auto magnet = release::parse_magnet(text);
      if (!magnet) return magnet.error();
      request.set_magnet(text);
      return Done{};
    }
    case SourceKind::Url:
    case SourceKind::File:
      return set_bundle(text, request);
    case SourceKind::Ref: {
      const auto ref = parse_name(text);
      if (!ref) return ref.error();
      request.set_ref(to_string(*ref));
      return Done{};
    }
  }
  return Done{};
}

Result<v1::SeedLimit> parse_seed_limit(const std::string& text) {
  v1::SeedLimit limit;
  if (text == "true") return limit;
  double ratio = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), ratio, std::chars_format::fixed);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (!(ratio >= 0.001 && ratio <= kMostRatio))
      return Error{ErrorCode::InvalidInput,
                   "--seed=" + text + ": a ratio is between 0.001 and 1000000",
                   "--seed alone seeds without a limit"};
    limit.set_ratio_permille(static_cast<std::uint64_t>(std::llround(ratio * 1000)));
    return limit;
  }
  const auto time = parse_duration(text);
  if (!time || time->count() < 1000)
    return Error{ErrorCode::InvalidInput,
                 "--seed=" + text + ": expected a ratio such as 1.5 or a time such as 7d",
                 "--seed alone seeds without a limit"};
  limit.set_seconds(static_cast<std::uint64_t>(time->count() / 1000));
  return limit;
}

bool is_directory_target(const std::string& text) {
  if (begins_like_path(text)) return true;
  std::error_code ignored;
  return !parse_ref(text) && fs::is_directory(text, ignored);
}

}  // namespace owrd::cli
