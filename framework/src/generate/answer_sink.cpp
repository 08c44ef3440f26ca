// SPDX-License-Identifier: MIT
#include "generate/answer_sink.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "plugins/contract.hpp"

namespace tachikoma::generate {
namespace {

using Clock = std::chrono::steady_clock;

/// Nobody reads more of them.
constexpr std::size_t kMaxNotices = 100;

std::string size_text(std::int64_t bytes) {
  constexpr std::int64_t kMiB = 1 << 20;
  return bytes % kMiB == 0 ? std::to_string(bytes / kMiB) + " MiB" : std::to_string(bytes) + " bytes";
}

}  // namespace

Flow AnswerSink::on_event(const ChatEvent& event) {
  if (failure_ || cancellation_.requested()) return Flow::stop;
  try {
    return absorb(event);
  } catch (const std::bad_alloc&) {  // it must not propagate through the plugin
    failure_.emplace(ErrorCode::limit_exceeded,
                     "there is no memory left for the answer of '" + target_.provider->id + "'",
                     "lower the sizes of policy.answer");
  }
  return Flow::stop;
}

Flow AnswerSink::absorb(const ChatEvent& event) {
  switch (event.kind) {
    case ChatEvent::Kind::delta: return on_text(event);
    case ChatEvent::Kind::tool_call: return on_tool_call(event);
    case ChatEvent::Kind::progress: return on_progress(event);
    case ChatEvent::Kind::rechannel: return on_rechannel(event);
    case ChatEvent::Kind::notice: on_notice(event.text); return Flow::proceed;
  }
  return broken(event);
}

bool AnswerSink::is_silent(const ChatOutcome& outcome) const {
  return outcome.finish == Finish::unknown && outcome.usage == Usage{} &&
         answer_.first_token == Clock::time_point{} && answer_.notices.empty();
}

void AnswerSink::end(ChatOutcome&& outcome) {
  note_load(false);
  answer_.end = Clock::now();
  for (auto& [index, call] : calls_) answer_.calls.push_back(std::move(call));
  answer_.outcome = std::move(outcome);
}

bool AnswerSink::fits(Channel channel, std::size_t size) const {
  const AnswerLimits& limits = target_.policy.answer;
  return size <= static_cast<std::size_t>(channel == Channel::final ? limits.text : limits.reasoning);
}

Flow AnswerSink::too_large(Channel channel) {
  const AnswerLimits& limits = target_.policy.answer;
  if (channel == Channel::final) return exceeds(size_text(limits.text) + " of text", "text", limits.text);
  return exceeds(size_text(limits.reasoning) + " of reasoning", "reasoning", limits.reasoning);
}

Flow AnswerSink::exceeds(const std::string& what, std::string_view setting, std::int64_t allowed) {
  const std::string limit = "policy.answer." + std::string(setting);
  failure_.emplace(ErrorCode::limit_exceeded,
                   "the answer of '" + target_.provider->id + "' has more than " + what,
                   "raise " + limit + " if such an answer is wanted; else look at what the server sends",
                   Value::object({{"limit", limit}, {"allowed", allowed}}));
  return Flow::stop;
}

Flow AnswerSink::broken(const ChatEvent& event) {
  failure_ = plugins::contract_error("provider", target_.provider->id, target_.provider->plugin,
                                     "chat() sent " + plugins::breach(event));
  return Flow::stop;
}

Flow AnswerSink::on_text(const ChatEvent& event) {
  if (event.text.empty()) return Flow::proceed;
  if (event.channel > Channel::final) return broken(event);
  note_token();
  std::string& told = answer_.channels[event.channel];
  if (!fits(event.channel, told.size() + event.text.size())) return too_large(event.channel);
  told += event.text;
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
  if (std::isnan(event.fraction)) return Flow::proceed;
  note_load(event.text == "load");
  const double fraction = std::clamp(event.fraction, 0.0, 1.0);
  if (progress_.advances(event.text, fraction)) clocks_.advance();
  return emitter_.emit({.kind = Delta::Kind::progress, .content = event.text, .fraction = fraction}, clocks_);
}

Flow AnswerSink::on_rechannel(const ChatEvent& event) {
  if (event.channel > Channel::final) return broken(event);
  std::string told = std::exchange(answer_.channels[Channel::final], {});
  std::string& reasoning = answer_.channels[event.channel];
  if (!fits(event.channel, told.size() + reasoning.size())) return too_large(event.channel);
  reasoning.insert(0, told);
  return emitter_.emit({.kind = Delta::Kind::rechannel, .channel = event.channel}, clocks_);
}

void AnswerSink::on_notice(std::string_view sentence) {
  if (answer_.notices.size() < kMaxNotices) answer_.notices.emplace_back(sentence);
  if (answer_.notices.size() == kMaxNotices) answer_.notices.back() = "further notices are left out";
}

Flow AnswerSink::on_tool_call(const ChatEvent& event) {
  note_token();
  if (!event.text.empty() || !calls_.contains(event.index))
    answer_.arrivals.note(clocks_.token(), event.name.size() + event.text.size());
  const AnswerLimits& limits = target_.policy.answer;
  call_bytes_ += event.id.size() + event.name.size() + event.text.size();
  if (call_bytes_ > static_cast<std::size_t>(limits.arguments))
    return exceeds(size_text(limits.arguments) + " of tool calls", "arguments", limits.arguments);
  ToolCall& call = calls_[event.index];
  if (calls_.size() > static_cast<std::size_t>(limits.tool_calls))
    return exceeds(std::to_string(limits.tool_calls) + " tool calls", "tool_calls", limits.tool_calls);
  if (!event.id.empty()) call.id = event.id;
  if (!event.name.empty()) call.name = event.name;
  call.arguments += event.text;
  return Flow::proceed;
}

void AnswerSink::note_first_token() {
  note_load(false);
  answer_.first_token = Clock::now();
  answer_.arrivals.begin(answer_.first_token);
  emitter_.note_token();
}

void AnswerSink::note_load(bool loads) {
  const bool loaded_before = load_began_ != Clock::time_point{};
  if (loads == loaded_before) return;
  const Clock::time_point now = Clock::now();
  if (loaded_before) load_time_ += now - load_began_;
  load_began_ = loads ? now : Clock::time_point{};
}

}  // namespace tachikoma::generate
