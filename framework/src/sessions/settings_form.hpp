// SPDX-License-Identifier: MIT
#pragma once

#include "sessions/form_reader.hpp"
#include "tachikoma/plugin/generation_settings.hpp"

namespace tachikoma::sessions {

/// Reads what `base::to_value` writes of generation settings; the reader has what is wrong, and what is not
/// known.
GenerationSettings read_settings(FormReader& reader, const Value& from);

}  // namespace tachikoma::sessions
