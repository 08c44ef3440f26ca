// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "calls/providers.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {

/// True when a request for a model that is not in memory loads it with the settings of the config.
bool loads_as_configured(const calls::ConfiguredProvider& provider);

/// A sentence for each place of the config whose load settings can't be applied, because its provider
/// loads no models.
std::vector<std::string> useless_load_settings(const Config& config, const calls::Providers& providers);

}  // namespace tachikoma
