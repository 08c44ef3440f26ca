// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// Knows the chunks of one stream by heart: within a stream all bytes but the text repeat. When the bytes
/// before and after the text equal those of a parsed chunk, and what lies between is the inside of one JSON
/// string, then parsing would give just that text. What only a lenient parser takes is left to it.
class ChunkTemplate {
 public:
  /// Remembers a chunk that carries nothing but `text`, a view into `chunk`, on `channel`. A chunk of several
  /// lines is passed over.
  void learn(std::string_view chunk, std::string_view text, Channel channel);
  /// The text of a chunk that differs from the remembered one in its text alone. It may be invalid UTF-8, and
  /// lives as long as `chunk` does, until the next call.
  std::optional<std::string_view> match(std::string_view chunk);
  /// As `match`, for a chunk that is the one data line of an event, `event` being the event and nothing more.
  std::optional<std::string_view> match_event(std::string_view event);
  Channel channel() const { return channel_; }

 private:
  std::string before_;  // empty until something was learnt
  std::string after_;
  std::string unescaped_;  // the last text, where it had escapes
  Channel channel_ = Channel::final;
};

}  // namespace tachikoma::kit
