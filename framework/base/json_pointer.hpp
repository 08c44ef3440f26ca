// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// `name` as one step of a JSON pointer, with its slash: `~` is `~0`, `/` is `~1`.
std::string pointer_step(std::string_view name);
void append_pointer_step(std::string& pointer, std::string_view name);

/// Removes the first step from a non-empty pointer and returns the name in it.
std::string take_step(std::string_view& pointer);

/// The element of an array that a step names; null if there is none.
const Value* find_element(const Value& array, std::string_view step);

/// The value in `root` that the pointer names; null if there is none.
const Value* find_at(const Value& root, std::string_view pointer);

}  // namespace tachikoma::base
