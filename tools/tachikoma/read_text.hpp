// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "output.hpp"

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// The most bytes that one file, or stdin, may add to a prompt: far more than any local model's context.
inline constexpr std::size_t kMaxBytes = 8'000'000;

/// All bytes of a file. `invalid_argument` when it can't be read, or has more than `max_bytes`.
Result<std::string> read_bytes(const std::string& path, std::size_t max_bytes);
/// The text of a file, of at most `kMaxBytes`; `invalid_argument` if it is not UTF-8 text.
Result<std::string> read_text(const std::string& path);
/// All of stdin. On a terminal or an open pipe this would look like a hang, so it prints what it waits for.
Result<std::string> read_stdin(Output& output);

/// `invalid_argument` if the content, called `name` in errors, is not text, or more than `kMaxBytes`.
Status check_text(std::string_view content, const std::string& name);
/// True for valid UTF-8 without zero bytes.
bool is_text(std::string_view bytes);

}  // namespace tachikoma::cli
