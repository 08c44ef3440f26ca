// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "calls/retry.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::models {

/// The models in memory on one server.
Result<std::vector<ModelStatus>> loaded_on(calls::BlockingRequest& request, const calls::CallTarget& target);

}  // namespace tachikoma::models
