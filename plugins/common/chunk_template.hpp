// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// Knows the chunks of one stream by heart: within a stream all bytes but the text repeat. When the bytes
/// before and after the text equal those of a parsed chunk, and what lies between is one JSON string without
/// escapes, then parsing would give just that text.
class ChunkTemplate {
 public:
  /// Remembers a chunk that carries nothing but `text`, a view into `chunk`, on `channel`.
  void learn(std::string_view chunk, std::string_view text, Channel channel);
  /// The text of a chunk that differs from the remembered one in its text alone. It may be invalid UTF-8.
  std::optional<std::string_view> match(std::string_view chunk) const;
  Channel channel() const { return channel_; }

 private:
  std::string before_;  // empty until something was learnt
  std::string after_;
  Channel channel_ = Channel::final;
};

}  // namespace tachikoma::kit
