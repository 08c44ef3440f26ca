// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::echo {

/// What the echo will say to one request, decided before the first word is sent. Pieces are words with
/// the spaces before them, so that joining them gives the text back.
struct Reply {
  std::vector<std::string> reasoning;
  std::vector<std::string> answer;
  Finish finish = Finish::stop;
  Usage usage;  ///< a word counts as a token
};

/// Splits a text into words with the spaces before them; spaces at the end stay with the last word.
std::vector<std::string> words(std::string_view text);

/// The words of all messages.
std::int64_t count_prompt(const ChatRequest& request);

inline constexpr std::size_t kEmbeddingLength = 64;

/// A unit vector that is the same for the same words, and near for texts that share some.
std::vector<float> embed(std::string_view text);

/// Plans the reply to `request`. Fails with `unsupported`, naming the setting, if the request asks
/// for what an echo can't do, and with `invalid_argument` when there is nothing to echo.
Result<Reply> plan_reply(const ChatRequest& request, std::string_view reasoning);

}  // namespace tachikoma::echo
