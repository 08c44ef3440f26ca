// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "common/chat/chat_reply.hpp"
#include "common/http/async_exchange.hpp"
#include "common/net/io_loop.hpp"
#include "common/provider/openai_provider.hpp"

namespace tachikoma::kit {

/// Runs the queries that some calls need before they can be sent, on a separate thread,
/// which exists while there are such queries. [thread-safe]
class OpenAiCompatibleProvider::Preparer {
 public:
  Preparer() = default;
  ~Preparer();
  Preparer(const Preparer&) = delete;
  Preparer& operator=(const Preparer&) = delete;

  /// Prepares `call` when its turn comes, and posts it. Fails if no thread can be started.
  Status add(std::shared_ptr<AsyncCall> call);
  /// Removes `call` from the queue; false if its turn has come: it ends soon, because its cancellation ends
  /// its queries.
  bool remove(const AsyncCall& call);

 private:
  void work();
  std::shared_ptr<AsyncCall> next();

  std::mutex mutex_;  // guards what follows, but the thread; not held while a call is prepared
  std::deque<std::shared_ptr<AsyncCall>> waiting_;
  bool working_ = false;
  std::thread thread_;
};

/// One chat call on the loop. Its only result is `AsyncChatSink::on_end`.
class OpenAiCompatibleProvider::AsyncCall final : public IoLoop::Task {
 public:
  AsyncCall(OpenAiCompatibleProvider& provider, AsyncCalls& calls, const ChatRequest& request,
            AsyncChatSink& sink, const CallContext& context);

  /// The call can be sent. Before it is posted.
  void ready(std::shared_ptr<HttpClient> server, WrittenChat chat);
  /// Runs the queries for the call. [the preparer's thread]
  void prepare();
  void advance() override;

 private:
  struct Waker {
    AsyncCall& call;
    void operator()() const { call.post(); }
  };

  void run();
  bool wait_for_preparation();
  bool begin();
  bool ask_again(const Error& failure);
  bool unwanted() const { return context_.cancellation.requested() || loop().ending(); }
  void ask_for_verdict();
  void await_verdict();
  void judge();
  void end(Result<ChatOutcome> outcome);

  OpenAiCompatibleProvider& provider_;
  AsyncCalls& calls_;
  const ChatRequest& request_;
  AsyncChatSink& sink_;
  const CallContext context_;
  std::optional<OnCancel<Waker>> on_cancel_;
  std::atomic<bool> prepared_ = false;  // `failure_`, or `server_` and `chat_`, are complete
  std::optional<Error> failure_;
  std::shared_ptr<HttpClient> server_;
  WrittenChat chat_;
  ChatFacts facts_;
  std::optional<ChatReply> reply_;
  std::optional<AsyncExchange> exchange_;
  std::optional<Status> transport_;  // the result of the exchange
  std::string adapted_;              // the notice for a call that is made again
  enum class Verdict : std::uint8_t { none, asked, same, other };
  std::atomic<Verdict> verdict_ = Verdict::none;  // on the model that answers
  std::string served_;                            // its name, during the query
  bool ended_ = false;
};

/// Runs the asynchronous calls of one provider.
class OpenAiCompatibleProvider::AsyncCalls {
 public:
  explicit AsyncCalls(std::unique_ptr<IoLoop> started) : loop_(std::move(started)) {}

  IoLoop& loop() { return *loop_; }
  Preparer& preparer() { return preparer_; }

 private:
  std::unique_ptr<IoLoop> loop_;
  Preparer preparer_;  // ends first: it posts to the loop
};

}  // namespace tachikoma::kit
