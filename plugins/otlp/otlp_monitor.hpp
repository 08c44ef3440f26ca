// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::otlp {

/// Sends what it is told of generations to an OpenTelemetry receiver; the settings are those of schema.json.
/// Whether there is one shows later. Fails with `config_invalid`.
Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host);

}  // namespace tachikoma::otlp
