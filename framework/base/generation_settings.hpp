// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/generation_settings.hpp"

namespace tachikoma::base {

/// Generation settings as an `inference` section of the configuration would have them; what is absent is left
/// out.
Value to_value(const GenerationSettings& settings);

}  // namespace tachikoma::base
