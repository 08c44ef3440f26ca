// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A prompt from a file, in which something is filled in, with what belongs to it. A plain value.
struct PromptTemplate {
  std::string text = {};             ///< `{{input}}` in it is what is asked
  std::string model = {};            ///< an alias or an address; empty: it names none
  std::string system = {};           ///< empty: it has none
  GenerationSettings settings = {};  ///< those that it gives
};

/// Reads a template. One in YAML (.yaml, .yml or .json) is a mapping with `prompt`. Any other file is the
/// text itself, with or without a head: such a mapping, without `prompt`, between two lines `---`. Fails with
/// `config_invalid`: the message has every error, as that of `load_config` does.
TACHIKOMA_API Result<PromptTemplate> load_prompt_template(const std::string& file);

/// The template's text with `input` in place of each `{{input}}`; without one, the input follows the text
/// after a blank line.
TACHIKOMA_API std::string filled(const PromptTemplate& prompt, std::string_view input);

}  // namespace tachikoma
