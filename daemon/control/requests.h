#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "daemon/core/result.h"
#include "daemon/engine/views.h"
#include "owrd/v1/control.pb.h"

/// What clients send, as the engine's values. Every error is InvalidInput unless it says otherwise.
namespace owrd::control {

/// Must be absolute: the daemon's working directory is not the client's.
Result<std::filesystem::path> parse_directory(const std::string& text);
std::optional<store::SeedLimit> to_seed_limit(const v1::SeedLimit* limit);

Result<engine::PrepareRequest> to_prepare_request(const v1::PrepareRequest& request);
Result<engine::GetRequest> to_get_request(const v1::GetRequest& request);
Result<engine::Target> to_target(const v1::SeedRequest& request);
Result<engine::Target> to_target(const v1::VerifyRequest& request);

}  // namespace owrd::control
