// SPDX-License-Identifier: MIT
#include "sessions/token_budget.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/sourced.hpp"
#include "base/sourced_json.hpp"
#include "base/try.hpp"
#include "generate/history.hpp"
#include "sessions/turns.hpp"

namespace tachikoma::sessions {
namespace {

// English has some four bytes a token in today's vocabularies, program text and most other languages three;
// a message's marks are three to eight tokens in the common templates, an image some hundreds to thousands.
constexpr std::size_t kBytesPerToken = 3;
constexpr std::size_t kTokensPerMessage = 8;
constexpr std::size_t kTokensPerImage = 1000;

Sourced<std::int64_t> estimate(const TextRequest& request, const std::string& why) {
  std::size_t bytes = 0, images = 0;
  for (const Message& message : request.messages) {
    bytes += message.text.size() + message.reasoning.size();
    images += message.images.size();
    for (const ToolCall& call : message.tool_calls) bytes += call.name.size() + call.arguments.size();
  }
  for (const ToolKit::Entry& entry : request.tools.entries())
    bytes +=
        entry.spec.name.size() + entry.spec.description.size() + base::to_json(entry.spec.parameters).size();
  const std::size_t tokens = (bytes + kBytesPerToken - 1) / kBytesPerToken +
                             request.messages.size() * kTokensPerMessage + images * kTokensPerImage;
  return {static_cast<std::int64_t>(tokens), Source::estimated,
          "from " + std::to_string(bytes) + " bytes of text, " + std::to_string(request.messages.size()) +
              " messages and " + std::to_string(images) + " images, because they can't be counted: " + why};
}

/// Counts a request without its oldest turns.
class Trial {
 public:
  Trial(const TextRequest& request, const CountTokens& count)
      : request_(request), count_(count), starts_(turn_starts(request.messages)) {}

  std::size_t turns() const { return starts_.size(); }

  std::vector<Message> without(std::size_t turns) const {
    const auto all = request_.messages.begin();
    const auto at = [&](std::size_t i) { return all + static_cast<std::ptrdiff_t>(i); };
    std::vector<Message> messages(all, at(starts_.front()));
    messages.insert(messages.end(), at(starts_[turns]), request_.messages.end());
    return messages;
  }

  Result<Sourced<std::int64_t>> tokens_without(std::size_t turns) {
    TextRequest trial = request_;
    trial.messages = without(turns);
    if (!why_not_counted_.empty()) return estimate(trial, why_not_counted_);
    Result<Sourced<std::int64_t>> counted = count_(trial);
    if (counted || counted.error().code == ErrorCode::cancelled) return counted;
    why_not_counted_ = counted.error().message;
    return estimate(trial, why_not_counted_);
  }

 private:
  const TextRequest& request_;
  const CountTokens& count_;
  const std::vector<std::size_t> starts_;
  std::string why_not_counted_;
};

Error too_long(const Sourced<std::int64_t>& tokens, std::int64_t budget) {
  return Error(ErrorCode::context_too_long,
               "the last turn, with the system prompt and the tools, has " + std::to_string(tokens.value) +
                   " tokens (" + base::source_of(tokens) + "); the token budget is " + std::to_string(budget),
               "shorten it, or raise the token budget",
               Value::object({{"tokens", sourced_value(tokens, "tokens")}, {"token_budget", budget}}));
}

}  // namespace

Result<Fit> fit(TextRequest& request, std::int64_t budget, std::size_t expected, const CountTokens& count) {
  if (budget <= 0)
    return Error(ErrorCode::invalid_argument,
                 "token_budget is " + std::to_string(budget) + "; it must be at least 1");
  request.messages = generate::acceptable_history(std::move(request.messages));
  Trial trial(request, count);
  const std::size_t most = trial.turns() - 1;
  Fit found{.turns = trial.turns()};
  // without fewer than `low` it is too long, without `high` it is not, if that many may go
  std::size_t low = 0, high = most + 1, next = std::min(expected, most);
  for (bool first = true; low < high; first = false) {
    TACHIKOMA_TRY(Sourced<std::int64_t> tokens, trial.tokens_without(next));
    const bool fits = tokens.value <= budget;
    if (!fits && next == most) return too_long(tokens, budget);
    (fits ? high : low) = fits ? next : next + 1;
    if (fits) found.tokens = std::move(tokens);
    const std::size_t beside = fits ? std::max(high, low + 1) - 1 : low;  // one more, or less, than last time
    next = first ? beside : low + (high - low) / 2;
  }
  found.left_out = high;
  request.messages = trial.without(high);
  return found;
}

std::string describe(const Fit& fit, std::int64_t budget) {
  if (fit.left_out == 0) return {};
  return "the oldest " + std::to_string(fit.left_out) + " of " + std::to_string(fit.turns) +
         " turns were not sent: the prompt has " + std::to_string(fit.tokens.value) + " tokens (" +
         base::source_of(fit.tokens) + ") of the " + std::to_string(budget) + " that the token budget allows";
}

}  // namespace tachikoma::sessions
