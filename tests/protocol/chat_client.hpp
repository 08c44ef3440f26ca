// SPDX-License-Identifier: MIT
#pragma once

#include <future>
#include <memory>
#include <string>

#include "common/openai_provider.hpp"
#include "protocol/recording_sink.hpp"
#include "protocol/test_host.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"

namespace tachikoma::testing {

/// The two ways to run a chat call. What is true of the one must be true of the other.
enum class Driver { blocking, async };

std::ostream& operator<<(std::ostream& out, Driver driver);

/// Hears of a call that was started, and waits for its end.
class AwaitedSink final : public AsyncChatSink {
 public:
  explicit AwaitedSink(ChatSink& inner) : inner_(inner) {}
  Flow on_event(const ChatEvent& event) override { return inner_.on_event(event); }
  void on_end(Result<ChatOutcome> outcome) override;
  Result<ChatOutcome> wait() { return end_.get(); }

 private:
  ChatSink& inner_;
  std::shared_ptr<std::promise<Result<ChatOutcome>>> promise_ =
      std::make_shared<std::promise<Result<ChatOutcome>>>();
  std::future<Result<ChatOutcome>> end_ = promise_->get_future();
};

/// `request` to `provider`, and its end.
Result<ChatOutcome> chat(Provider& provider, Driver driver, const ChatRequest& request, ChatSink& sink,
                         const CallContext& context);

/// A provider of the kit, and one caller.
class ChatClient {
 public:
  ChatClient(Driver driver, const std::string& url, Value settings = Value::object(),
             TestHost::Names::LookUp look_up = TestHost::Names::look_up_by_system);

  Result<ChatOutcome> chat(const std::string& prompt = "Hello");
  Provider& provider() { return *provider_; }
  void destroy_provider() { provider_.reset(); }

  TestHost host;
  TestCancellation cancellation;
  TestPhases phases;
  RecordingSink sink;
  Driver driver;

 private:
  std::unique_ptr<Provider> provider_;
};

}  // namespace tachikoma::testing
