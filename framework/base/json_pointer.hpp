// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// `name` as one step of a JSON pointer, with its slash: `~` is `~0`, `/` is `~1`.
std::string pointer_step(std::string_view name);

/// Takes the first step off a pointer that is not empty; what it names.
std::string take_step(std::string_view& pointer);

/// What a step names in an array; null when there is no such element.
const Value* find_element(const Value& array, std::string_view step);

/// What the pointer names in `root`; null when nothing is there.
const Value* find_at(const Value& root, std::string_view pointer);

}  // namespace tachikoma::base
