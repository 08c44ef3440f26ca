// SPDX-License-Identifier: MIT
#include "calls/retry.hpp"

namespace tachikoma::calls {

Verdict verdict_on(const Error& error) {
  const std::string_view clock = error.detail["clock"].as_string();
  if (error.code == ErrorCode::unreachable) return Verdict::unreachable;
  if (error.code == ErrorCode::timeout && clock == "connect") return Verdict::unreachable;
  if (error.code == ErrorCode::timeout && (clock == "load" || clock == "total")) return Verdict::unknown;
  return error.code == ErrorCode::cancelled ? Verdict::unknown : Verdict::reached;
}

std::optional<ServerLease> next_server(const CallTarget& target, const std::vector<const Server*>& tried) {
  if (!target.server) return target.provider->servers().lease(tried);
  return tried.empty() ? std::optional<ServerLease>(std::in_place, *target.server) : std::nullopt;
}

}  // namespace tachikoma::calls
