// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "calls/retry.hpp"

namespace tachikoma::models {

/// Each server of the provider as a provider of its own: what lies in memory lies in one server's.
std::vector<ProviderSlot> each_server(const Providers& providers, const ProviderSlot& slot);

/// The same provider without repetitions: whether a load that was lost on the way happened, nobody knows.
ProviderSlot only_once(const ProviderSlot& slot);

/// Does `act(server)`, a Result<T>, on each server, one after another, and hands what came of it to
/// `take(server, T)`. Of several servers those that can't be reached are left out, as for generations, and
/// the log says so; the first other error ends it.
template <class T, class Act, class Take>
Status on_each_server(policy::BlockingRequest& request, const std::vector<ProviderSlot>& servers,
                      const Act& act, const Take& take) {
  std::optional<Error> unreached;
  std::size_t reached = 0;
  for (const ProviderSlot& server : servers) {
    Result<T> result = act(server);
    if (result) {
      take(server, *std::move(result));
      ++reached;
      continue;
    }
    if (result.error().code != ErrorCode::unreachable || request.ended()) return std::move(result).error();
    if (servers.size() > 1)
      request.say(Severity::warning, server,
                  "'" + server.servers.front().url + "' is left out: " + result.error().message);
    if (!unreached) unreached = std::move(result).error();
  }
  if (reached == 0) return *std::move(unreached);
  return Done{};
}

}  // namespace tachikoma::models
