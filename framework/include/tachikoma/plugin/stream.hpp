// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma {

/// One thing that happened in a running chat call. Views are valid until `on_event` returns.
struct ChatEvent {
  enum class Kind : std::uint8_t {
    delta,      ///< `text` is more of `channel`; never empty, always whole UTF-8 characters
    tool_call,  ///< a piece of the call number `index`: `id` and `name` when known, `text` arguments
    progress,   ///< `fraction` of what `text` names is done, as in "prompt" or "load"
    /// All text that was told on `final` so far belongs to `channel`: the stream began inside reasoning, and
    /// only its end gave that away.
    rechannel,
    notice,  ///< `text` is a sentence that the user should see: something was negotiated or lost
  };
  Kind kind = Kind::delta;
  Channel channel = Channel::final;
  std::uint32_t index = 0;
  double fraction = 0;  ///< 0 to 1
  std::string_view text = {};
  std::string_view id = {};
  std::string_view name = {};
};

enum class Flow : bool { stop, proceed };

/// Receives the events of one chat call. Lent by the host; implemented by it alone.
///
/// Called on the thread that called `chat`, only while `chat` runs. A slow sink slows the read from
/// the server. After it has returned `Flow::stop`, end the call; what you return then is not used.
class ChatSink {
 public:
  virtual Flow on_event(const ChatEvent& event) = 0;

 protected:
  ~ChatSink() = default;
};

}  // namespace tachikoma
