// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>

#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

/// The application's log for every part of the host. Whatever anyone says becomes one line, without what a
/// terminal acts on. May be empty.
LogCallback host_log(LogCallback application);

/// `tachikoma::log_to_stderr` with a minimum that can still change.
LogCallback log_to_stderr(std::shared_ptr<const std::atomic<Severity>> minimum);

/// False if `log` is known to drop lines of that severity: they need not be written.
bool wants(const LogCallback& log, Severity severity);

}  // namespace tachikoma::plugins
