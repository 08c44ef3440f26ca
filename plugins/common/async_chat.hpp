// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "common/async_exchange.hpp"
#include "common/chat_reply.hpp"
#include "common/io_loop.hpp"
#include "common/openai_provider.hpp"

namespace tachikoma::kit {

/// The calls of one provider that nobody waits for. Functions without a mark belong to the loop's thread.
class OpenAiCompatibleProvider::AsyncCalls {
 public:
  explicit AsyncCalls(std::unique_ptr<IoLoop> loop) : loop_(std::move(loop)) {}

  /// [thread-safe]
  IoLoop& loop() { return *loop_; }
  /// Looks for the server on a thread of its own and tells `call` when that has ended; calls that come
  /// meanwhile share the search. True when the search is run for this call, whose cancellation ends it.
  bool search(OpenAiCompatibleProvider& provider, AsyncCall& call);
  void end_search() { search_.reset(); }

 private:
  std::shared_ptr<ServerSearch> search_;
  std::unique_ptr<IoLoop> loop_;  // last: its thread ends first
};

/// One chat call on the loop.
class OpenAiCompatibleProvider::AsyncCall final : public IoLoop::Task {
 public:
  AsyncCall(OpenAiCompatibleProvider& provider, AsyncCalls& calls, PreparedChat chat, AsyncChatSink& sink,
            const CallContext& context)
      : Task(calls.loop()),
        provider_(provider),
        calls_(calls),
        chat_(std::move(chat)),
        sink_(sink),
        context_(context) {}

  void advance() override;
  void on_search_end(const std::optional<Error>& failure);
  const CallContext& context() const { return context_; }

 private:
  struct Waker {
    AsyncCall& call;
    void operator()() const { call.post(); }
  };

  void run();
  bool begin();
  bool find_server();
  void end(Result<ChatOutcome> outcome);

  OpenAiCompatibleProvider& provider_;
  AsyncCalls& calls_;
  PreparedChat chat_;
  AsyncChatSink& sink_;
  const CallContext context_;
  std::optional<OnCancel<Waker>> on_cancel_;
  bool searching_ = false;
  bool leads_search_ = false;
  bool ended_ = false;
  std::shared_ptr<HttpClient> server_;
  RequestFacts facts_;
  std::optional<ChatReply> reply_;
  std::optional<AsyncExchange> exchange_;
};

/// Looks for the server, which blocks, on a thread of its own.
class OpenAiCompatibleProvider::ServerSearch final : public IoLoop::Task {
 public:
  /// The search ends early when `context` is cancelled.
  ServerSearch(OpenAiCompatibleProvider& provider, AsyncCalls& calls, const CallContext& context)
      : Task(calls.loop()), provider_(provider), calls_(calls), context_(context) {}

  void start();
  void add(std::shared_ptr<AsyncCall> call) { waiting_.push_back(std::move(call)); }
  void advance() override;

 private:
  void search();

  OpenAiCompatibleProvider& provider_;
  AsyncCalls& calls_;
  const CallContext context_;
  std::vector<std::shared_ptr<AsyncCall>> waiting_;
  std::optional<Error> failure_;  // complete once `done_`
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace tachikoma::kit
