// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tachikoma/model_registry.hpp>

namespace tachikoma::cli {

/// Models as a table for people; "-" stands for what is not known.
std::string models_table(const std::vector<ListedModel>& models);

}  // namespace tachikoma::cli
