// SPDX-License-Identifier: MIT
#pragma once

#include <future>
#include <memory>
#include <ostream>
#include <utility>

#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma::testing {

/// The two ways to run a chat call. What is true of the one must be true of the other.
enum class Driver { blocking, async };

inline std::ostream& operator<<(std::ostream& out, Driver driver) {
  return out << (driver == Driver::blocking ? "blocking" : "async");
}

/// Receives an asynchronous call, and waits for its end.
class AwaitedSink final : public AsyncChatSink {
 public:
  explicit AwaitedSink(ChatSink& inner) : inner_(inner) {}
  Flow on_event(const ChatEvent& event) override { return inner_.on_event(event); }
  void on_end(Result<ChatOutcome> outcome) override {
    const auto promise = promise_;  // the waiting thread may destroy this as soon as the value is set
    promise->set_value(std::move(outcome));
  }
  Result<ChatOutcome> wait() { return end_.get(); }

 private:
  ChatSink& inner_;
  std::shared_ptr<std::promise<Result<ChatOutcome>>> promise_ =
      std::make_shared<std::promise<Result<ChatOutcome>>>();
  std::future<Result<ChatOutcome>> end_ = promise_->get_future();
};

inline AsyncChat& async_chat(Provider& provider) {
  return *static_cast<AsyncChat*>(provider.capability(AsyncChat::kId));
}

/// Sends `request` to `provider`, and returns the result.
inline Result<ChatOutcome> chat(Provider& provider, Driver driver, const ChatRequest& request, ChatSink& sink,
                                const CallContext& context) {
  if (driver == Driver::blocking) return provider.chat(request, sink, context);
  AwaitedSink awaited(sink);
  if (Status started = async_chat(provider).start(request, awaited, context); !started)
    return std::move(started).error();
  return awaited.wait();
}

}  // namespace tachikoma::testing
