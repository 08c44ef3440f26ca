// SPDX-License-Identifier: MIT
#pragma once

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// Adds the tools of --tool to a request. Before each call the user is asked on the terminal, unless with
/// --yes, or if the configuration approves of that tool. `config_invalid` if a tool is not configured,
/// with those that are, and `invalid_argument` if there is no terminal to ask on.
Status add_tools(const Runtime& runtime, const Options& options, TextRequest& request, Output& output);

}  // namespace tachikoma::cli
