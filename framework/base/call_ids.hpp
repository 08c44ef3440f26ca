// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::base {

/// Ids for tool calls that came without one: nine letters and digits, which is what Mistral's models accept,
/// and none that a message has already.
class CallIds {
 public:
  /// `history` must outlive it.
  explicit CallIds(std::span<const Message> history) : history_(history) {}

  /// True if a call of the history, or of `calls`, has the id.
  bool is_used(std::string_view id, std::span<const ToolCall> calls = {}) const;
  /// An id that is not used, and was not returned before.
  std::string next(std::span<const ToolCall> calls = {});

 private:
  std::span<const Message> history_;
  std::optional<std::size_t> number_;
};

}  // namespace tachikoma::base
