// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tachikoma/plugin/value.hpp>

namespace tachikoma::cli {

/// The published JSON form of an entry, made of its columns (docs/json.md).
Value entry_value(const Value& columns);

/// The same for people: a line for each thing that is known, and what was said, if that is stored.
std::string entry_text(const Value& columns);

/// "2026-11-30 18:20:05", here. `ms`: since 1970, UTC. `form` is one of strftime.
std::string local_time(double ms, const char* form = "%Y-%m-%d %H:%M:%S");

}  // namespace tachikoma::cli
