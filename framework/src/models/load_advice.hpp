// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "calls/providers.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::models {

/// Who gives a model its load settings: advice on them depends on it.
enum class LoadedBy : std::uint8_t {
  command,  ///< `tachikoma load`, or `load_model`
  request,  ///< the first request, with the settings of the configuration
  server,   ///< the server alone, whenever it loads a model
  start,    ///< the start of the server, which then has one fixed model, whatever name is asked for
};

/// For that provider; asks its server if need be. The error of a server that can't be asked.
Result<LoadedBy> loaded_by(const calls::Providers& providers, const calls::CallTarget& target,
                           std::stop_token stop);

/// How to load a model that is in memory with other settings: the next step, without a full stop. `name` is
/// what `tachikoma load` takes.
std::string how_to_reload(LoadedBy by, const std::string& instance, const std::string& name);
/// How to load it with this setting: "context_length: 4096".
std::string how_to_set(LoadedBy by, const std::string& setting, const std::string& option);

}  // namespace tachikoma::models
