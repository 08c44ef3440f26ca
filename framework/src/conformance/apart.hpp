// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "conformance/verdict.hpp"

namespace tachikoma::conformance {

/// What a child process writes to its standard output and error goes there; -1 outside of one.
int output_file();

/// Says what is called next, "chat() of provider 'x'", for the reason if it never returns. For child
/// processes.
void calling(std::string_view what);

/// Runs a check in a child process. A crash, an end of the process, or no end within `limit` is a failure
/// that says what was being called.
Verdict run_apart(const std::function<Verdict()>& check, std::chrono::milliseconds limit);

}  // namespace tachikoma::conformance
