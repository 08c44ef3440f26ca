// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "arguments.hpp"
#include "output.hpp"

#include <tachikoma/model_registry.hpp>

namespace tachikoma::cli {

/// `tachikoma models`. Returns the exit code: an error's only when no provider had models to list.
int run_models(const Options& options, Output& output);

/// Models as a table for people; "-" stands for what is not known.
std::string models_table(const std::vector<ListedModel>& models);

}  // namespace tachikoma::cli
