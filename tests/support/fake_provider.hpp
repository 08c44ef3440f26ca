// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/runtime_parts.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_files.hpp"
#include "tachikoma/plugin/capability/prompt_return.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma::testing {

/// A fake provider: it answers with a lambda and lists the models that it is given.
class FakeProvider final : public Provider,
                           public ModelCatalog,
                           public ModelFiles,
                           public AsyncChat,
                           public PromptReturn {
 public:
  using Chat = std::function<Result<ChatOutcome>(const ChatRequest&, ChatSink&, const CallContext&)>;

  Chat on_chat = [](const ChatRequest&, ChatSink&, const CallContext&) {
    return ChatOutcome{.finish = Finish::stop};
  };
  std::function<Result<std::vector<ModelInfo>>()> on_list = [this] { return models; };
  std::vector<ModelInfo> models;
  bool offers_list = true;
  bool promises_return = false;  ///< its calls are made on their callers' threads
  bool lists_all = true;         ///< it has no models that it does not list
  bool runs_files = false;       ///< takes the path of a file as a model
  bool offers_async = false;     ///< offers `chat-async`: each call then runs on a separate thread
  std::function<Status()> on_start = [] { return Status(Done{}); };
  std::atomic<int> lists = 0;
  std::atomic<int> started = 0;

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override {
    return on_chat(request, sink, context);
  }
  Result<std::vector<ModelInfo>> list_models(const CallContext&) override {
    ++lists;
    return on_list();
  }
  bool lists_every_model() const override { return lists_all; }
  bool runs_file(std::string_view path) const override { return path.starts_with('/'); }
  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override {
    if (Status allowed = on_start(); !allowed) return allowed;
    ++started;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, request, &sink, context] { sink.on_end(on_chat(request, sink, context)); });
    return Done{};
  }
  void* capability(std::string_view id) override {
    if (id == ModelCatalog::kId && !offers_list) return nullptr;
    if (id == AsyncChat::kId && !offers_async) return nullptr;
    if (id == PromptReturn::kId && !offers_async && !promises_return) return nullptr;
    if (id == ModelFiles::kId && !runs_files) return nullptr;
    return capability_of<ModelCatalog, ModelFiles, AsyncChat, PromptReturn>(this, id);
  }

 private:
  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

/// Blocks a fake's chat until its call is cancelled.
inline void wait_for_cancel(const CallContext& context) {
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
  } gate;
  OnCancel on_cancel(context.cancellation, [&] {
    const std::lock_guard lock(gate.mutex);
    gate.open = true;
    gate.changed.notify_all();
  });
  std::unique_lock lock(gate.mutex);
  gate.changed.wait(lock, [&] { return gate.open; });
}

/// An owner of a runtime's parts, which have one configuration.
class TestParts {
 public:
  TestParts() = default;
  explicit TestParts(std::shared_ptr<RuntimeParts> parts) : parts_(std::move(parts)) {}

  ConfiguredParts* operator->() const { return parts_->configured().get(); }
  RuntimeParts& runtime() const { return *parts_; }
  void reset() { parts_.reset(); }
  /// As `Runtime::stream_text_async`.
  void start(TextRequest request, DeltaCallback on_delta, ReplyCallback on_done) const {
    const PartsInUse used = parts_->use();
    used->generator.start({std::move(request)}, std::move(on_delta), std::move(on_done), used.configured);
  }
  /// As `Runtime::stream_text`.
  Result<TextStream> stream(TextRequest request) const {
    return tachikoma::stream(parts_->use(), std::move(request));
  }

 private:
  std::shared_ptr<RuntimeParts> parts_;
};

/// The parts of a runtime around fakes, without plugins or files.
inline TestParts make_parts(std::vector<calls::ProviderSetup> setups, Config config = {}) {
  const auto no_log = [](auto&&...) {};
  const auto answers =
      cache::is_used(config) ? std::make_shared<cache::AnswerStore>(config.cache, no_log) : nullptr;
  return TestParts(RuntimeParts::make(std::move(config), PluginRegistry({}, no_log),
                                      {.providers = std::move(setups),
                                       .tools = {},
                                       .monitors = std::make_shared<MonitorHub>(no_log),
                                       .answers = answers}));
}

inline calls::ProviderSetup setup(std::string id, std::shared_ptr<Provider> provider,
                                  Timeouts timeouts = {}) {
  return {.id = std::move(id),
          .components = {{std::move(provider)}},
          .policy = {.clocks = clock_limits(timeouts), .retry = {.attempts = 1}}};
}

}  // namespace tachikoma::testing
