// SPDX-License-Identifier: MIT
#include "models/each_server.hpp"

#include <memory>

namespace tachikoma::models {

std::vector<ProviderSlot> each_server(const Providers& providers, const ProviderSlot& slot) {
  if (slot.servers.size() == 1) return {slot};
  std::vector<ProviderSlot> servers;
  for (const policy::Server& server : slot.servers) {
    ProviderSlot one = slot;
    one.servers = {server};
    one.endpoints =
        std::make_shared<policy::Endpoints>(one.servers, slot.eject_for, slot.call_limits, providers.timer());
    servers.push_back(std::move(one));
  }
  return servers;
}

ProviderSlot only_once(const ProviderSlot& slot) {
  ProviderSlot once = slot;
  once.retry.attempts = 1;
  return once;
}

}  // namespace tachikoma::models
