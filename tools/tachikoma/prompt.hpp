// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "output.hpp"

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// The most that one file, or stdin, may add to a prompt: far more than any context of a local model.
inline constexpr std::size_t kMostBytes = 8'000'000;

/// The prompt of `ask`: its words, the files with their names, and what comes through a pipe.
/// `invalid_argument` when there is none, or when something is no UTF-8 text, too large or unreadable.
Result<std::string> build_prompt(const Options& options, Output& output);

/// True for valid UTF-8 without zero bytes.
bool is_text(std::string_view bytes);

}  // namespace tachikoma::cli
