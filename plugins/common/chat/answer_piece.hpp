// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// A classified piece of an answer's text.
struct AnswerPiece {
  enum class Kind : std::uint8_t {
    text,       ///< `text` is more of `channel`
    rechannel,  ///< all text of `final` so far belongs to `channel`
    call,       ///< a tool call starts; `text` is its name
    arguments,  ///< `text` is more of the arguments of the call that started last
  };
  Kind kind = Kind::text;
  Channel channel = Channel::final;
  std::string_view text = {};
};

}  // namespace tachikoma::kit
