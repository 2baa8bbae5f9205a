#include "daemon/control/requests.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/release/description.h"

namespace owrd::control {
namespace {

Error nothing_asked(const char* method, const char* fields) {
  return {ErrorCode::InvalidInput,
          std::string(method) + ": the request names nothing; set one of " + fields};
}

Result<Done> set_source(const v1::GetRequest& request, engine::GetRequest& out) {
  switch (request.source_case()) {
    case v1::GetRequest::kRef: {
      const auto ref = parse_name(request.ref());
      if (!ref) return ref.error();
      out.ref = *ref;
      return Done{};
    }
    case v1::GetRequest::kMagnet: {
      const auto magnet = release::parse_magnet(request.magnet());
      if (!magnet) return magnet.error();
      out.magnet = *magnet;
      return Done{};
    }
    case v1::GetRequest::kBundle: {
      const auto bundle = release::parse_bundle(as_bytes(request.bundle()));
      if (!bundle) return bundle.error();
      out.bundle = *bundle;
      return Done{};
    }
    case v1::GetRequest::SOURCE_NOT_SET:
      break;
  }
  return nothing_asked("Get", "ref, magnet, bundle");
}

/// Far in the future is as good as never, and does not overflow.
std::chrono::milliseconds to_timeout(std::uint64_t milliseconds) {
  constexpr std::uint64_t kYear = 365ULL * 24 * 3600 * 1000;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(milliseconds, kYear)));
}

template <class Request>
Result<engine::Target> target_of(const char* method, const Request& request) {
  if (request.target_case() == Request::kRef) {
    const auto ref = parse_ref(request.ref());
    if (!ref) return ref.error();
    return engine::Target{*ref, {}};
  }
  if (request.target_case() == Request::TARGET_NOT_SET)
    return nothing_asked(method, "ref, directory");
  const auto directory = parse_directory(request.directory());
  if (!directory) return directory.error();
  return engine::Target{std::nullopt, *directory};
}

template <class Field>
std::vector<std::string> to_vector(const Field& field) {
  return {field.begin(), field.end()};
}

}  // namespace

Result<std::filesystem::path> parse_directory(const std::string& text) {
  if (text.find('\0') != text.npos)
    return Error{ErrorCode::InvalidInput,
                 "directory " + owrd::quoted(text) + ": holds a zero byte"};
  const std::filesystem::path path(text);
  if (!path.is_absolute())
    return Error{ErrorCode::InvalidInput, "directory " + owrd::quoted(text) + ": must be absolute"};
  const auto normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

std::optional<store::SeedLimit> to_seed_limit(const v1::SeedLimit* limit) {
  constexpr std::uint64_t kCentury = 100ULL * 365 * 24 * 3600;
  if (limit == nullptr) return std::nullopt;
  return store::SeedLimit{limit->ratio_permille(),
                          std::min<std::uint64_t>(limit->seconds(), kCentury)};
}

Result<engine::PrepareRequest> to_prepare_request(const v1::PrepareRequest& request) {
  const auto directory = parse_directory(request.directory());
  if (!directory) return directory.error();
  engine::PrepareRequest out;
  out.directory = *directory;
  out.publisher = request.publisher();
  out.model = request.model();
  out.version = request.version();
  out.license = request.license();
  out.trackers = to_vector(request.trackers());
  out.private_swarm = request.private_swarm();
  if (!out.said.ParseFromString(request.said()))
    return Error{ErrorCode::InvalidInput, "Prepare: what the publisher says is no manifest"};
  out.said = release::publishers_part(out.said);
  out.allow = to_vector(request.allow());
  out.allow_reason = request.allow_reason();
  out.stated_label = request.stated_label();
  out.api_endpoints = to_vector(request.api_endpoints());
  return out;
}

Result<engine::GetRequest> to_get_request(const v1::GetRequest& request) {
  engine::GetRequest out;
  if (const auto set = set_source(request, out); !set) return set.error();
  if (!request.directory().empty()) {
    const auto directory = parse_directory(request.directory());
    if (!directory) return directory.error();
    out.directory = *directory;
  }
  out.include = to_vector(request.include());
  out.exclude = to_vector(request.exclude());
  out.peers = to_vector(request.peers());
  for (const auto& text : request.reuse()) {
    const auto directory = parse_directory(text);
    if (!directory) return directory.error();
    out.reuse.push_back(directory->string());
  }
  for (const auto& peer : out.peers)
    if (const auto checked = release::check_endpoint(peer); !checked) return checked.error();
  out.dry_run = request.dry_run();
  out.detach = request.detach();
  out.seed = to_seed_limit(request.has_seed() ? &request.seed() : nullptr);
  out.timeout = to_timeout(request.timeout_ms());
  out.allow_stale = request.allow_stale();
  out.allow_pre = request.allow_pre();
  out.accept_withdrawn = request.accept_withdrawn();
  out.require_attestations = request.require_attestations();
  out.attested_by = to_vector(request.attested_by());
  out.allow = to_vector(request.allow());
  out.accept_license = request.accept_license();
  return out;
}

Result<engine::Target> to_target(const v1::SeedRequest& request) {
  return target_of("Seed", request);
}
Result<engine::Target> to_target(const v1::VerifyRequest& request) {
  return target_of("Verify", request);
}

}  // namespace owrd::control
