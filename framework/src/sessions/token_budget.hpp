// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::sessions {

/// Counts the tokens of a request's prompt, as the server does.
using CountTokens = std::function<Result<Sourced<std::int64_t>>(const TextRequest&)>;

/// What of a history is sent.
struct Fit {
  std::size_t left_out = 0;  ///< the oldest turns, which are not
  std::size_t turns = 0;     ///< of all
  Sourced<std::int64_t> tokens{};
};

/// Takes the oldest turns out of the request until its prompt has at most `budget` tokens. System prompts and
/// the last turn stay: `context_too_long` if these have more by themselves. `expected` is how many turns
/// probably have to go, those of last time: if it is right, the tokens are counted twice. Where the server
/// does not count, they are estimated.
Result<Fit> fit(TextRequest& request, std::int64_t budget, std::size_t expected, const CountTokens& count);

/// A sentence on the turns that are left out; empty if there are none.
std::string describe(const Fit& fit, std::int64_t budget);

}  // namespace tachikoma::sessions
