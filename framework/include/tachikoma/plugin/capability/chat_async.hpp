// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma {

/// Receives the events and the result of one asynchronous call. Implemented and lent by the host.
class AsyncChatSink : public ChatSink {
 public:
  /// The call has ended. Called exactly once, last: the sink, the context and everything that they refer to
  /// may be destroyed when it returns. It may start further calls.
  virtual void on_end(Result<ChatOutcome> outcome) = 0;

 protected:
  ~AsyncChatSink() = default;
};

/// Offered by a provider that can run many chat calls on a few threads. Used only if it offers `PromptReturn`
/// too: a call of a thread that serves others can't be written off. [thread-safe]
class AsyncChat {
 public:
  static constexpr std::string_view kId = "tachikoma.chat-async/1";

  /// Starts a call and returns without waiting. `sink` is called on the provider's I/O thread, and must not
  /// block it; all three stay valid until `on_end` has returned. An error means that nothing was started and
  /// `on_end` is never called.
  ///
  /// Once `context.cancellation` is requested, `on_end` follows promptly, with any result. The host ends
  /// every call before it destroys the provider. No exception may leave the provider's I/O thread.
  virtual Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) = 0;

 protected:
  ~AsyncChat() = default;
};

}  // namespace tachikoma
