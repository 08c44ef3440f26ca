// SPDX-License-Identifier: MIT
#include "base/call_ids.hpp"

#include <algorithm>

namespace tachikoma::base {

bool CallIds::is_used(std::string_view id, std::span<const ToolCall> calls) const {
  const auto has = [&](std::span<const ToolCall> some) {
    return std::any_of(some.begin(), some.end(), [&](const ToolCall& call) { return call.id == id; });
  };
  return has(calls) || std::any_of(history_.begin(), history_.end(),
                                   [&](const Message& message) { return has(message.tool_calls); });
}

std::string CallIds::next(std::span<const ToolCall> calls) {
  constexpr std::size_t kDigits = 5;
  if (!number_) {  // beyond those that were given before
    number_ = 0;
    for (const Message& message : history_) *number_ += message.tool_calls.size();
  }
  std::string id;
  do {
    const std::string number = std::to_string((*number_)++);
    id = "call" + std::string(kDigits - std::min(number.size(), kDigits), '0') + number;
  } while (is_used(id, calls));
  return id;
}

}  // namespace tachikoma::base
