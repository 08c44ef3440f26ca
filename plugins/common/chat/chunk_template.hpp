// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// Recognises the chunks of one stream by their bytes: within a stream everything but the text repeats. If
/// the bytes before and after the text equal those of a parsed chunk, and the rest is the inside of one JSON
/// string, then parsing would give just that text. Anything that needs a lenient parser is left to the
/// parser.
class ChunkTemplate {
 public:
  /// Remembers a chunk that contains only `text`, a view into `chunk`, on `channel`. A chunk of several
  /// lines is ignored.
  void learn(std::string_view chunk, std::string_view text, Channel channel);
  /// The text of a chunk that differs from the remembered one in its text alone. It may be invalid UTF-8, and
  /// lives as long as `chunk` does, until the next call.
  std::optional<std::string_view> match(std::string_view chunk);
  /// As `match`, for a chunk that is the one data line of an event, `event` being the event and nothing more.
  std::optional<std::string_view> match_event(std::string_view event);
  Channel channel() const { return channel_; }

 private:
  std::string before_;  // empty until a chunk was learnt
  std::string after_;
  std::string unescaped_;  // the last text, if it had escapes
  Channel channel_ = Channel::final;
};

}  // namespace tachikoma::kit
