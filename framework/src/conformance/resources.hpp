// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "conformance/verdict.hpp"

namespace tachikoma::conformance {

/// How many threads this process has.
std::size_t count_threads();

/// The same, once there are no more than `most`, or after a moment: a thread that was told to end takes one.
std::size_t settled_threads(std::size_t most);

/// What this process has open: "3 -> /tmp/x". Without the one that the look itself needs.
std::vector<std::string> open_files();

/// Bytes that are allocated and were not freed.
std::size_t heap_bytes();

/// Whether `use`, which is called again and again, leaves memory allocated each time. The first calls may:
/// they fill what is kept. `what` is that of one call: "a call".
Verdict judge_memory(const std::function<void()>& use, const std::string& what);

/// Whether `use` leaves threads or open files.
Verdict judge_threads(const std::function<void()>& use);
Verdict judge_files(const std::function<void()>& use);

}  // namespace tachikoma::conformance
