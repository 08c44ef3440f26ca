// SPDX-License-Identifier: MIT
#include "runtime/generator.hpp"

#include <chrono>
#include <exception>
#include <map>
#include <utility>

#include "runtime/generation_settings.hpp"

namespace tachikoma {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kToolCallLimit = 1024;

/// Turns the provider's events into deltas and into the reply, and takes the times.
class GenerationSink final : public ChatSink {
 public:
  GenerationSink(CallClocks& clocks, CallCancellation& cancellation, const DeltaCallback& on_delta,
                 std::function<void()> on_first)
      : clocks_(clocks), cancellation_(cancellation), on_delta_(on_delta), on_first_(std::move(on_first)) {}

  Flow on_event(const ChatEvent& event) override {
    if (cancellation_.requested()) return Flow::stop;
    switch (event.kind) {
      case ChatEvent::Kind::delta: return on_text(event);
      case ChatEvent::Kind::tool_call: return on_tool_call(event);
      case ChatEvent::Kind::progress:
        return deliver({.kind = Delta::Kind::progress, .content = event.text, .fraction = event.fraction});
      case ChatEvent::Kind::rechannel: return on_rechannel(event.channel);
      case ChatEvent::Kind::notice: reply.notices.emplace_back(event.text); return Flow::proceed;
    }
    return Flow::proceed;
  }

  /// Delivers one delta; false when the callback wants no more.
  Flow deliver(const Delta& delta) {
    if (!on_delta_) return Flow::proceed;
    clocks_.pause();
    try {
      if (on_delta_(delta) == Flow::stop) cancellation_.request(CancelReason::consumer);
    } catch (...) {  // it must not pass through the plugin; the generator throws it again
      thrown = std::current_exception();
      cancellation_.request(CancelReason::consumer);
    }
    return cancellation_.requested() ? Flow::stop : Flow::proceed;
  }

  void deliver_end(const ChatOutcome& outcome) {
    for (auto& [index, call] : calls_) {
      reply.tool_calls.push_back(std::move(call));
      if (deliver({.kind = Delta::Kind::tool_call, .call = &reply.tool_calls.back()}) == Flow::stop) return;
    }
    if (outcome.usage != Usage{} &&
        deliver({.kind = Delta::Kind::usage, .usage = outcome.usage}) == Flow::stop)
      return;
    deliver({.kind = Delta::Kind::end,
             .usage = outcome.usage,
             .finish = outcome.finish,
             .metrics = &reply.metrics});
  }

  Reply reply;
  std::exception_ptr thrown;
  Clock::time_point first_token{};

 private:
  Flow on_text(const ChatEvent& event) {
    note_token();
    reply.channels[event.channel] += event.text;
    if (!on_delta_) {
      clocks_.token();
      return Flow::proceed;
    }
    Flow flow = Flow::proceed;
    if (!started_ || channel_ != event.channel) {
      started_ = true;
      channel_ = event.channel;
      flow = deliver({.kind = Delta::Kind::channel_start, .channel = channel_});
    }
    if (flow == Flow::proceed) {
      token_.kind = channel_ == Channel::final ? Delta::Kind::text : Delta::Kind::reasoning;
      token_.channel = channel_;
      token_.content = event.text;
      flow = deliver(token_);
    }
    clocks_.token();
    return flow;
  }

  Flow on_rechannel(Channel channel) {
    std::string& told = reply.channels[Channel::final];
    reply.channels[channel].insert(0, std::exchange(told, {}));
    return deliver({.kind = Delta::Kind::rechannel, .channel = channel});
  }

  Flow on_tool_call(const ChatEvent& event) {
    note_token();
    clocks_.token();
    if (calls_.size() >= kToolCallLimit && !calls_.contains(event.index)) return Flow::proceed;
    ToolCall& call = calls_[event.index];
    if (!event.id.empty()) call.id = event.id;
    if (!event.name.empty()) call.name = event.name;
    call.arguments += event.text;
    return Flow::proceed;
  }

  void note_token() {
    if (first_token != Clock::time_point{}) return;
    first_token = Clock::now();
    on_first_();
  }

  CallClocks& clocks_;
  CallCancellation& cancellation_;
  const DeltaCallback& on_delta_;
  std::function<void()> on_first_;
  std::map<std::uint32_t, ToolCall> calls_;
  Delta token_;  // kept: filling a whole new one costs more than the rest of the delivery
  Channel channel_ = Channel::final;
  bool started_ = false;
};

/// Tells the log and the monitors what happens to one generation.
class Reports {
 public:
  Reports(RuntimeCore& core, const PreparedCall& call, Clock::time_point start)
      : core_(core), provider_(call.slot->id), model_(call.chat.model), start_(start) {
    log("asks for '" + model_ + "'");
    publish(MonitorEvent::Kind::started, [](MonitorEvent&) {});
  }

  const std::string& id() const { return id_; }

  void first_token() {
    publish(MonitorEvent::Kind::first_token, [](MonitorEvent&) {});
  }
  Error failed(Error error) {
    log("failed: " + error.message);
    publish(MonitorEvent::Kind::failed, [&](MonitorEvent& event) { event.error = error; });
    return error;
  }
  void finished(const Reply& reply) {
    log("finished: " + std::string(to_string(reply.finish)));
    publish(MonitorEvent::Kind::finished, [&](MonitorEvent& event) {
      event.served_model = reply.model;
      event.decode_time = reply.metrics.decode_time.value;
      event.usage = reply.usage;
      event.finish = reply.finish;
    });
  }

 private:
  void log(const std::string& text) { core_.plugins.log()(Severity::debug, provider_, id_ + ": " + text); }

  template <class Fill>
  void publish(MonitorEvent::Kind kind, Fill fill) {
    if (core_.monitors.empty()) return;
    MonitorEvent event{.kind = kind,
                       .time = std::chrono::system_clock::now(),
                       .request_id = id_,
                       .provider = provider_,
                       .model = model_,
                       .elapsed = Clock::now() - start_};
    fill(event);
    core_.monitors.publish(event);
  }

  RuntimeCore& core_;
  const std::string provider_, model_;
  const std::string id_ = next_request_id();
  const Clock::time_point start_;
};

Sourced<std::chrono::nanoseconds> measured(Clock::duration time, const char* how) {
  return {time, Source::measured, how};
}

Metrics measure(Clock::time_point start, Clock::time_point first, Clock::time_point end, const Usage& usage) {
  Metrics metrics;
  metrics.total_time = measured(end - start, "the call, start to end");
  if (first == Clock::time_point{}) {
    metrics.time_to_first_token.basis = metrics.decode_time.basis = metrics.tokens_per_second.basis =
        "no token came";
    return metrics;
  }
  metrics.time_to_first_token = measured(first - start, "the call's start to its first delta");
  metrics.decode_time = measured(end - first, "the first delta to the end");
  const double seconds = std::chrono::duration<double>(end - first).count();
  if (!usage.completion_tokens)
    metrics.tokens_per_second.basis = "the server did not report its completion tokens";
  else if (*usage.completion_tokens < 2 || seconds <= 0)
    metrics.tokens_per_second.basis = "too few tokens to measure a speed";
  else
    metrics.tokens_per_second = {static_cast<double>(*usage.completion_tokens) / seconds, Source::measured,
                                 "completion tokens reported by the server, by the measured decode time"};
  return metrics;
}

void complete(Reply& reply, const PreparedCall& call, ChatOutcome outcome) {
  reply.provider = call.slot->id;
  reply.model = outcome.served_model.empty() ? call.chat.model : outcome.served_model;
  reply.finish = outcome.finish;
  reply.usage = outcome.usage;
  reply.extra = std::move(outcome.extra);
  reply.text = reply.channels[Channel::final];
}

}  // namespace

Result<PreparedCall> Generator::prepare(RuntimeCore& core, TextRequest request) {
  if (Status checked = check_request(request); !checked) return std::move(checked).error();
  Result<ResolvedModel> model = core.models.resolve(request.model, request.stop);
  if (!model) return std::move(model).error();
  const Result<const ProviderSlot*> slot = core.providers->find(model->provider);
  if (!slot) return slot.error();
  std::vector<ToolSpec> tools;
  for (const ToolKit::Entry& entry : request.tools.entries()) tools.push_back(entry.spec);
  return PreparedCall{.slot = *slot,
                      .chat = {.model = std::move(model->name),
                               .messages = std::move(request.messages),
                               .tools = std::move(tools),
                               .tool_choice = std::move(request.tool_choice),
                               .parallel_tool_calls = request.parallel_tool_calls,
                               .settings = merged(request.settings, model->settings)},
                      .stop = std::move(request.stop)};
}

Result<Reply> Generator::run(RuntimeCore& core, const PreparedCall& call, const DeltaCallback& on_delta) {
  const ProviderSlot& slot = *call.slot;
  const Clock::time_point start = Clock::now();
  CallCancellation cancellation;
  const std::stop_callback on_stop(call.stop, [&] { cancellation.request(CancelReason::caller); });
  const std::stop_callback on_left(call.left, [&] { cancellation.request(CancelReason::consumer); });
  CallClocks clocks(core.providers->timer(), slot.limits, cancellation);
  Reports reports(core, call, start);
  GenerationSink sink(clocks, cancellation, on_delta, [&] { reports.first_token(); });

  Result<ChatOutcome> outcome =
      slot.provider->chat(call.chat, sink, CallContext{cancellation, reports.id(), &clocks});
  const Clock::time_point end = Clock::now();
  const bool stopped = cancellation.reason() == CancelReason::consumer;
  if (!stopped && cancellation.requested())  // whatever the provider made of it
    return reports.failed(cancelled_error(cancellation.reason(), slot));
  if (!stopped && !outcome) return reports.failed(std::move(outcome).error());

  ChatOutcome said = outcome ? std::move(*outcome) : ChatOutcome{};
  if (stopped) said.finish = Finish::cancelled;
  sink.reply.metrics = measure(start, sink.first_token, end, said.usage);
  if (!stopped) sink.deliver_end(said);
  if (sink.thrown) {
    reports.failed(Error(ErrorCode::cancelled, "the delta callback threw"));
    std::rethrow_exception(sink.thrown);
  }
  complete(sink.reply, call, std::move(said));
  reports.finished(sink.reply);
  core.model_names->note_used(slot.id, call.chat.model);
  return std::move(sink.reply);
}

}  // namespace tachikoma
