// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "verbs.hpp"

#include <tachikoma/plugin/result.hpp>
#include <tachikoma/prompt_template.hpp>

namespace tachikoma::cli {

/// The names of all templates, sorted: those in `prompts` beside the configuration, and in the user's.
std::vector<std::string> template_names(const Options& options);

/// The template of --template, a name or the path of a file. `invalid_argument` with those that there are if
/// it is none of them; `config_invalid` if it can't be read.
Result<PromptTemplate> find_template(const Options& options);

}  // namespace tachikoma::cli
