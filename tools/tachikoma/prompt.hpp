// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/generation.hpp>
#include <tachikoma/plugin/result.hpp>
#include <tachikoma/prompt_template.hpp>

namespace tachikoma::cli {

/// The question that the options ask: the system prompt, and one turn with its words, the files with their
/// names, the text from a pipe, and the images. `invalid_argument` if there is none, or if something
/// is neither UTF-8 text nor an image, too large or unreadable.
/// `prompt`, if not null, is what all of that is put into.
Result<std::vector<Message>> build_messages(const Options& options, Output& output,
                                            const PromptTemplate* prompt = nullptr);

}  // namespace tachikoma::cli
