// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma {

/// One event of a running chat call. Its views are valid until `on_event` returns.
struct ChatEvent {
  enum class Kind : std::uint8_t {
    delta,      ///< `text` is more of `channel`; never empty, always whole UTF-8 characters
    tool_call,  ///< a piece of tool call number `index`: `id` and `name` if known, `text` of its arguments
    progress,   ///< `fraction` of what `text` names, such as "prompt" or "load", is done
    /// All text so far on `final` belongs to `channel`: the stream began inside the reasoning, and only the
    /// end of the reasoning showed it.
    rechannel,
    notice,  ///< `text` is a sentence that the user should see: something was adjusted or lost
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

/// Receives the events of one chat call. Implemented and lent by the host.
///
/// Called on the thread that called `chat`, only while `chat` runs. A slow sink slows down reading from the
/// server. After it returns `Flow::stop`, end the call; the value that you then return is ignored.
class ChatSink {
 public:
  virtual Flow on_event(const ChatEvent& event) = 0;
  /// A hint that saves time: everything that has arrived was passed on, and the provider is about to wait for
  /// more. A reader on another thread is woken then, and not for each event. A provider that calls it at all
  /// calls it before every wait.
  virtual void on_pause() {}

 protected:
  ~ChatSink() = default;
};

}  // namespace tachikoma
