// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// What a provider found out about its server just now.
struct Health {
  std::string server;    ///< who answered, as proven by its reply: "LM Studio"; never a guess
  std::string base_url;  ///< where
  std::string version;   ///< as the server reports it; empty when it does not
  std::string api;       ///< the best listing surface found, such as "/api/v1"
  bool auth_required = false;
  std::optional<std::int64_t> loaded_models = {};  ///< instances in memory; absent: it does not say
};

/// Offered by a provider that can check its server's identity. [thread-safe]
class HealthCheck {
 public:
  static constexpr std::string_view kId = "tachikoma.health-check/1";

  /// Succeeds only when the server is reachable, is what the provider speaks to, and can be used with
  /// the given key. Otherwise `unreachable`, `protocol` (another program answers) or `unauthenticated`.
  virtual Result<Health> check_health(const CallContext& context) = 0;

 protected:
  ~HealthCheck() = default;
};

}  // namespace tachikoma
