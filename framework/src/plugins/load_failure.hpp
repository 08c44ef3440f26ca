// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma::plugins {

/// The dynamic linker's error in the user's terms: a missing library, an undefined symbol, a
/// C++ runtime that is too old. The linker's own text comes last, in parentheses, if it adds
/// something. The message continues after the plugin's name: "cannot load: …".
Error explain_load_failure(std::string_view linker_text, std::string_view file);

}  // namespace tachikoma::plugins
