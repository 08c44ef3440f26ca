// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::generate {

/// `messages` as every model's template accepts them: without assistant turns that say nothing, and with a
/// result for each call, "not run" for one that was never answered. Servers refuse every later request
/// otherwise.
std::vector<Message> acceptable_history(std::vector<Message> messages);

/// The system prompt of an alias, in a request without a system message of its own.
class AliasSystem {
 public:
  explicit AliasSystem(const std::vector<Message>& messages);
  /// Makes `text` the first message, in place of what an earlier call has put there; none if it is empty.
  void put(std::vector<Message>& messages, const std::string& text);

 private:
  bool is_needed_;
  bool is_there_ = false;
};

/// Appends "not run" for each call of the last step that has no result yet.
void answer_last_calls(std::vector<Message>& messages);

/// The reasoning of a step, which goes back with its calls.
std::string reasoning_of(const Channels& channels);

}  // namespace tachikoma::generate
