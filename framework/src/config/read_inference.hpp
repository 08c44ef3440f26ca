// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/generation_settings.hpp"

namespace tachikoma::config {

/// Converts a checked `inference` section to generation settings.
GenerationSettings read_inference(const Value& checked);

/// The schema of each key of such a section except `extra`, by name.
Value inference_properties();

}  // namespace tachikoma::config
