// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// What a server's word for the end of an answer means.
struct FinishWord {
  Finish finish = Finish::unknown;
  /// What the user should know, such as "the answer is not whole"; empty: the answer is what was asked for.
  std::string_view warning = {};
};

FinishWord read_finish_word(std::string_view word);

/// True for what stands for "not yet".
bool is_no_finish(std::string_view word);

/// The notice on a word with a warning.
std::string finish_notice(std::string_view word, const FinishWord& meaning);

}  // namespace tachikoma::kit
