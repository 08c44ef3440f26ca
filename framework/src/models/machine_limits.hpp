// SPDX-License-Identifier: MIT
#pragma once

#include "models/schedule.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::models {

/// What models may take of this machine: what the configuration gives them, else what the machine has,
/// without the headroom. What can't be read is not limited.
Schedule::Limits limits_here(const MemoryConfig& memory);

/// What holds of any machine, whatever memory it has.
Schedule::Limits limits_anywhere(const MemoryConfig& memory);

}  // namespace tachikoma::models
