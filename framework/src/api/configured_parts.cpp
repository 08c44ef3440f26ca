// SPDX-License-Identifier: MIT
#include "api/configured_parts.hpp"

#include <utility>

namespace tachikoma {

ConfiguredParts::ConfiguredParts(models::Configuration configuration, const Components& components,
                                 models::Machines& machines, async::Threads& threads)
    : all(std::move(configuration)),
      config(*all.config),
      providers(*all.providers),
      registry(*all.registry),
      residents(all, machines),
      management(providers, registry, residents),
      tools(components.tools),
      hub_(components.monitors),
      monitors(*hub_),
      for_calls{providers, registry, residents, monitors, threads},
      generator(for_calls) {}

}  // namespace tachikoma
