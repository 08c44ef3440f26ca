// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "output.hpp"

#include <tachikoma/plugin/value.hpp>

namespace tachikoma::cli {

/// What running programs of this user keep in memory, as their status files say, with the times as of now
/// (docs/json.md); ordered by their files' names. Removes the files of programs that have ended, and warns of
/// those that can't be used.
std::vector<Value> running_programs(Output& output);

/// The same for people, at most `room` wide: a line and a table for each program.
std::string programs_text(const std::vector<Value>& programs, std::size_t room);

}  // namespace tachikoma::cli
