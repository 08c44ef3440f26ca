// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tachikoma/config.hpp"

namespace tachikoma::config {

/// Every secret of the configuration: what a schema marks as one, each header, and what is one by its name.
std::vector<std::string> secret_texts(const Config& config);

}  // namespace tachikoma::config
