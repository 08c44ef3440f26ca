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
      answers_(components.answers),
      cache_(answers_ ? std::make_unique<cache::ResponseCache>(config, *answers_) : nullptr),
      monitors(*hub_),
      for_calls{providers, registry, residents, monitors, threads, cache_.get()},
      generator(for_calls) {}

}  // namespace tachikoma
