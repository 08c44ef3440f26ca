// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
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

/// Adds a part to a prompt, after an empty line.
void add_part(std::string& prompt, std::string_view part);

/// Adds a file to a turn: an image, or text with its name above. Fails as `build_messages` does.
Status add_file(Message& turn, const std::string& path);

}  // namespace tachikoma::cli
