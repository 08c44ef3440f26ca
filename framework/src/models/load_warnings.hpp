// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "calls/providers.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {

/// See `ModelManager::owns_its_models`.
bool owns_its_models(const calls::ConfiguredProvider& provider);

/// A sentence for each place of the config whose load settings can't be applied, because its provider
/// loads no models.
std::vector<std::string> useless_load_settings(const Config& config, const calls::Providers& providers);

}  // namespace tachikoma
