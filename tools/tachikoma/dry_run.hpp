// SPDX-License-Identifier: MIT
#pragma once

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// Prints what a request would send, and to which model as far as that is known without asking a server.
void print_request(const Runtime& runtime, const TextRequest& request, const Value& schema,
                   const Options& options, Output& output);

}  // namespace tachikoma::cli
