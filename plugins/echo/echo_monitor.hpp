// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::echo {

/// Settings: `file`, where each event is appended as one line of JSON. Fails with `config_invalid` when
/// the file can't be opened.
Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host);

}  // namespace tachikoma::echo
