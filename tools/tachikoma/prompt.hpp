// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/generation.hpp>
#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// The question that the options ask: the system prompt, and one turn with its words, the files with their
/// names, the text from a pipe, and the images. `invalid_argument` if there is none, or if something
/// is neither UTF-8 text nor an image, too large or unreadable.
Result<std::vector<Message>> build_messages(const Options& options, Output& output);

}  // namespace tachikoma::cli
