// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <utility>

#include "generate/generator.hpp"
#include "support/fake_provider.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

inline Result<ChatOutcome> say_hello(const ChatRequest&, ChatSink& sink, const CallContext&) {
  sink.on_event({.text = "Hello"});
  return ChatOutcome{.finish = Finish::stop};
}

/// A provider whose answers are cached, and that counts how often it was asked.
struct CachingWorld {
  TempDir folder;
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  std::atomic<int> asked = 0;
  TestParts parts;
  TextRequest request{.model = "m", .messages = {user("hi")}};

  explicit CachingWorld(FakeProvider::Chat chat) : CachingWorld(std::move(chat), [](Config&) {}) {}
  template <class ChangeConfig>
  CachingWorld(FakeProvider::Chat chat, const ChangeConfig& change, CallLimits limits = {}) {
    answer_with(std::move(chat));
    fake->models = {{.key = "m"}, {.key = "n"}};
    Config config{.cache = {.enabled = true, .file = file()}};
    change(config);
    calls::ProviderSetup one = setup("fake", fake);
    one.policy.retry = {.attempts = 2, .backoff = std::chrono::milliseconds(0)};
    one.limits = limits;
    parts = make_parts({std::move(one)}, std::move(config));
  }

  std::string file() const { return (folder.path() / "answers.db").string(); }
  void answer_with(FakeProvider::Chat chat) {
    fake->on_chat = [this, chat = std::move(chat)](const ChatRequest& asking, ChatSink& sink,
                                                   const CallContext& context) {
      ++asked;
      return chat(asking, sink, context);
    };
  }
  Result<Reply> ask(const DeltaCallback& on_delta = {}) {
    return parts->generator.generate({request}, on_delta);
  }
  Result<Reply> ask_async(DeltaCallback on_delta = {}) {
    std::promise<Result<Reply>> reply;
    parts.start(request, std::move(on_delta),
                [&](Result<Reply> result) { reply.set_value(std::move(result)); });
    return reply.get_future().get();
  }
  /// Whether the next one who asks is given an answer that was kept.
  bool is_kept() {
    answer_with(say_hello);
    return ask().value().cached;
  }
};

}  // namespace tachikoma::testing
