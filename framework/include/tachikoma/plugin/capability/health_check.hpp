// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// What a health check found out about a server.
struct Health {
  std::string server = {};  ///< the server software, as identified by its reply: "LM Studio"; never a guess
  std::string base_url = {};
  std::string version = {};  ///< as the server reports it; empty: it does not
  std::string api = {};      ///< the best API for listing models that was found, such as "/api/v1"
  bool auth_required = false;
  std::optional<std::int64_t> loaded_models = {};  ///< instances in memory; absent: unknown
};

/// Offered by a provider that can check its server's identity. [thread-safe]
class HealthCheck {
 public:
  static constexpr std::string_view kId = "tachikoma.health-check/1";

  /// Succeeds only if the server is reachable, is of the kind that the provider supports, and accepts the
  /// given key. Otherwise `unreachable`, `protocol` (another program answers) or `unauthenticated`.
  virtual Result<Health> check_health(const CallContext& context) = 0;

 protected:
  ~HealthCheck() = default;
};

}  // namespace tachikoma
