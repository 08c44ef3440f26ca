// SPDX-License-Identifier: MIT
#include "generate/answer_sink.hpp"

#include <utility>

namespace tachikoma::generate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kToolCallLimit = 1024;

}  // namespace

Flow AnswerSink::on_event(const ChatEvent& event) {
  if (cancellation_.requested()) return Flow::stop;
  switch (event.kind) {
    case ChatEvent::Kind::delta: return on_text(event);
    case ChatEvent::Kind::tool_call: return on_tool_call(event);
    case ChatEvent::Kind::progress: return on_progress(event);
    case ChatEvent::Kind::rechannel: return on_rechannel(event.channel);
    case ChatEvent::Kind::notice: answer_.notices.emplace_back(event.text); return Flow::proceed;
  }
  return Flow::proceed;
}

Answer AnswerSink::take(ChatOutcome outcome) {
  answer_.end = Clock::now();
  for (auto& [index, call] : calls_) answer_.calls.push_back(std::move(call));
  answer_.outcome = std::move(outcome);
  return std::move(answer_);
}

Flow AnswerSink::on_text(const ChatEvent& event) {
  if (event.text.empty()) return Flow::proceed;
  note_token();
  answer_.channels[event.channel] += event.text;
  if (!emitter_.wanted()) {
    answer_.arrivals.note(clocks_.token(), event.text.size());
    return Flow::proceed;
  }
  clocks_.pause();
  Flow flow = Flow::proceed;
  if (!started_ || channel_ != event.channel) {
    started_ = true;
    channel_ = event.channel;
    flow = emitter_.emit({.kind = Delta::Kind::channel_start, .channel = channel_});
  }
  if (flow == Flow::proceed) {
    token_.kind = channel_ == Channel::final ? Delta::Kind::text : Delta::Kind::reasoning;
    token_.channel = channel_;
    token_.content = event.text;
    flow = emitter_.emit(token_);
  }
  answer_.arrivals.note(clocks_.token(), event.text.size());
  return cancellation_.requested() ? Flow::stop : flow;
}

// Progress that stands still, falls back or repeats itself says that the server is alive, not that it gets
// on.
Flow AnswerSink::on_progress(const ChatEvent& event) {
  if (progress_.advances(event.text, event.fraction)) clocks_.advance();
  return emit({.kind = Delta::Kind::progress, .content = event.text, .fraction = event.fraction});
}

Flow AnswerSink::on_rechannel(Channel channel) {
  std::string& told = answer_.channels[Channel::final];
  answer_.channels[channel].insert(0, std::exchange(told, {}));
  return emit({.kind = Delta::Kind::rechannel, .channel = channel});
}

Flow AnswerSink::on_tool_call(const ChatEvent& event) {
  note_token();
  if (!event.text.empty() || !calls_.contains(event.index))
    answer_.arrivals.note(clocks_.token(), event.name.size() + event.text.size());
  if (calls_.size() >= kToolCallLimit && !calls_.contains(event.index)) return Flow::proceed;
  ToolCall& call = calls_[event.index];
  if (!event.id.empty()) call.id = event.id;
  if (!event.name.empty()) call.name = event.name;
  call.arguments += event.text;
  return Flow::proceed;
}

void AnswerSink::note_token() {
  if (answer_.first_token != Clock::time_point{}) return;
  answer_.first_token = Clock::now();
  answer_.arrivals.begin(answer_.first_token);
  emitter_.note_token();
}

Flow AnswerSink::emit(const Delta& delta) {
  if (!emitter_.wanted()) return Flow::proceed;
  const auto left = clocks_.left();
  clocks_.pause();
  const Flow flow = emitter_.emit(delta);
  clocks_.resume(left);
  return flow;
}

}  // namespace tachikoma::generate
