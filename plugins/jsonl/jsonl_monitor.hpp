// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::jsonl {

/// Appends events to a file; the settings are those of schema.json. Fails with `config_invalid` when the file
/// can't be opened.
Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host);

}  // namespace tachikoma::jsonl
