// SPDX-License-Identifier: MIT
#include "generate/chat_call.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "tachikoma/plugin/capability/chat_async.hpp"

namespace tachikoma::generate {
namespace {

/// A call that runs on the provider's own thread, where the generation resumes.
class StartedChat final : public async::Wait, private AsyncChatSink {
 public:
  StartedChat(const async::Execution& execution, AsyncChat& chat, const ChatRequest& request, ChatSink& sink,
              const CallContext& context)
      : Wait(execution), chat_(chat), request_(request), sink_(sink), context_(context) {}

  Result<ChatOutcome> await_resume() { return *std::move(outcome_); }

 private:
  void start() override {
    Status started = chat_.start(request_, *this, context_);
    if (started) return;
    outcome_.emplace(std::move(started).error());
    finish_here();
  }
  Flow on_event(const ChatEvent& event) override { return sink_.on_event(event); }
  void on_end(Result<ChatOutcome> outcome) override {
    outcome_.emplace(std::move(outcome));
    finish_here();
  }

  AsyncChat& chat_;
  const ChatRequest& request_;
  ChatSink& sink_;
  const CallContext context_;
  std::optional<Result<ChatOutcome>> outcome_;
};

/// Passes the events of an escorted call to its caller's thread.
class PassedSink final : public ChatSink {
 public:
  PassedSink(ChatSink& sink, const calls::PluginCall& call) : sink_(sink), call_(call) {}

  Flow on_event(const ChatEvent& event) override {
    return call_.flow_of([&] { return sink_.on_event(event); });
  }

 private:
  ChatSink& sink_;
  const calls::PluginCall& call_;
};

Result<ChatOutcome> chat_on_this_thread(calls::Server& server, const ChatRequest& request, ChatSink& sink,
                                        calls::Attempt& attempt) {
  if (server.returns()) return server.provider().chat(request, sink, attempt.context());
  return attempt.make<ChatOutcome>([request, &sink](const calls::PluginCall& call) {
    PassedSink passed(sink, call);
    return call.server.provider->chat(request, passed, call.context);
  });
}

}  // namespace

async::Task<Result<ChatOutcome>> call_chat(const async::Execution& execution, Workers& workers,
                                           calls::Server& server, const ChatRequest& request, ChatSink& sink,
                                           calls::Attempt& attempt) {
  const CallContext context = attempt.context();
  AsyncChat* chat = execution.blocks() || !server.returns() ? nullptr : server.capability<AsyncChat>();
  if (chat) {
    attempt.clocks.on_phase(Phase::connecting);
    StartedChat started(execution, *chat, request, sink, context);
    Result<ChatOutcome> outcome = co_await started;
    co_return std::move(outcome);
  }
  std::optional<Result<ChatOutcome>> outcome;
  const auto chat_here = [&] {  // it may wait for a worker, as for the server
    attempt.clocks.on_phase(Phase::connecting);
    outcome.emplace(chat_on_this_thread(server, request, sink, attempt));
  };
  async::BlockingWork job(execution, workers, attempt.cancellation, std::cref(chat_here));
  co_await job;
  if (!outcome) co_return attempt.why_ended();
  co_return *std::move(outcome);
}

}  // namespace tachikoma::generate
