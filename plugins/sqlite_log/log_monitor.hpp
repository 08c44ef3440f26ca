// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::sqlite_log {

/// Settings as in schema.json. Fails with `config_invalid` when the database can't be opened, or a pattern
/// is none.
Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host);

}  // namespace tachikoma::sqlite_log
