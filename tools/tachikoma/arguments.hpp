// SPDX-License-Identifier: MIT
#pragma once

#include "verbs.hpp"

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// Parses the command line. Fails with `invalid_argument`, naming what was not understood and what is
/// near it. Reads no file.
Result<Options> parse_arguments(int argc, const char* const* argv);

/// True when the errors of this command line are to be printed as JSON, even those of parsing it.
bool wants_json(int argc, const char* const* argv);

}  // namespace tachikoma::cli
