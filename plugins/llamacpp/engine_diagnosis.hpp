// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "llamacpp/engine.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::llamacpp {

/// Finds what keeps servers from being started here: the program, the models, the settings, other machines;
/// and which ended on their own. `host` must outlive the call. Fails only when cancelled.
Result<std::vector<Finding>> examine_engine(Engine& engine, Host& host, Cancellation& cancellation);

}  // namespace tachikoma::llamacpp
