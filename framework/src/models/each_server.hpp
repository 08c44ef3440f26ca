// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

#include "calls/retry.hpp"

namespace tachikoma::models {

/// Calls `act(server)`, a Result<T>, for each server of the provider in turn, and passes its value
/// to `take(server, T)`. If there are several servers, unreachable ones are skipped, as for generations,
/// and logged; the first other error ends the loop.
template <class T, class Act, class Take>
Status on_each_server(calls::BlockingRequest& request, const calls::ConfiguredProvider& provider,
                      const Act& act, const Take& take) {
  std::optional<Error> unreached;
  std::size_t reached = 0;
  for (calls::Server& server : provider.servers().all()) {
    Result<T> result = act(server);
    if (result) {
      take(server, *std::move(result));
      ++reached;
      continue;
    }
    if (result.error().code != ErrorCode::unreachable || request.ended()) return std::move(result).error();
    if (provider.servers().all().size() > 1)
      request.write_log(Severity::warning, provider,
                        "'" + server.url() + "' is skipped: " + result.error().message);
    if (!unreached) unreached = std::move(result).error();
  }
  if (reached == 0) return *std::move(unreached);
  return Done{};
}

}  // namespace tachikoma::models
