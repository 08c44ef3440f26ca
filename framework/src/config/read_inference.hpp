// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/generation_settings.hpp"

namespace tachikoma::config {

/// The settings of an `inference` section that was checked.
GenerationSettings read_inference(const Value& checked);

/// The schema of each key of such a section but `extra`, by name.
Value inference_properties();

}  // namespace tachikoma::config
