// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"

/// Where programs say what they do while they run, and how to know that they still do.

namespace tachikoma::base {

/// The folder for the status files of this user's programs, below $XDG_RUNTIME_DIR, which ends with the
/// user's session. Empty if that is not set to an absolute path.
std::string status_folder();

/// Makes that folder, and the one named `below` in it. Fails unless it and all from $XDG_RUNTIME_DIR on are
/// folders that only this user can write.
Result<std::string> make_status_folder(std::string_view below = {});

/// When a process was started, in the kernel's ticks since the machine was: no other process with its number
/// has the same. Nullopt if it has ended.
std::optional<std::int64_t> start_of_process(std::int64_t pid);

}  // namespace tachikoma::base
