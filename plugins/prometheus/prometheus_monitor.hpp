// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::exposition {

/// Measures generations and serves the metrics; the settings are those of schema.json. Fails with
/// `config_invalid` if it can't listen.
Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host);

}  // namespace tachikoma::exposition
