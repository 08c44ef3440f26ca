// SPDX-License-Identifier: MIT
#include "guesses.hpp"

#include <algorithm>
#include <array>

namespace tachikoma::cli {
namespace {

constexpr std::array kGuesses{
    Guess{"list", "models"},
    Guess{"ls", "models"},
    Guess{"pull", "download"},
    Guess{"stop", "unload"},
    Guess{"logs", "log list"},
    Guess{"run", "",
          "one question: tachikoma ask -m MODEL \"Why is the sky blue?\"; a chat: tachikoma chat -m MODEL"},
    Guess{"rm", "", "a server removes its models itself; from memory alone: tachikoma unload MODEL"},
};

}  // namespace

const Guess* find_guess(std::string_view word) {
  const auto found =
      std::find_if(kGuesses.begin(), kGuesses.end(), [&](const Guess& guess) { return guess.word == word; });
  return found == kGuesses.end() ? nullptr : &*found;
}

}  // namespace tachikoma::cli
