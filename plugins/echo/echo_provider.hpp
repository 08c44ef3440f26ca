// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::echo {

/// Settings: `models` (names), `delay` (milliseconds before each word), `reasoning` (said first, on the
/// thinking channel); see provider.schema.json.
Result<std::unique_ptr<Provider>> make_provider(const Value& settings, Host& host);

}  // namespace tachikoma::echo
