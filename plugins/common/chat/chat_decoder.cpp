// SPDX-License-Identifier: MIT
#include "common/chat/chat_decoder.hpp"

#include <string>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "common/chat/answer_text.hpp"
#include "common/chat/chunk_reader.hpp"
#include "common/chat/chunk_template.hpp"
#include "common/chat/llamacpp_timings.hpp"
#include "common/chat/lmstudio_stats.hpp"
#include "common/chat/tool_call_tracker.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kDone = "[DONE]";

Finish to_finish(std::string_view reason) {
  if (reason == "stop" || reason == "eos" || reason == "word") return Finish::stop;
  if (reason == "length" || reason == "limit") return Finish::length;
  if (reason == "tool_calls" || reason == "function_call") return Finish::tool_calls;
  if (reason == "content_filter") return Finish::content_filter;
  return Finish::unknown;
}

}  // namespace

class ChatDecoder::Impl {
 public:
  Impl(ChatSink& sink, const ChatFacts& facts)
      : sink_(sink), facts_(facts), calls_(sink, facts.history()), answer_(sink, calls_, facts.tools()) {}

  Flow on_event(const StreamEvent& event) {
    if (done_ || event.data.empty()) return Flow::proceed;
    if (event.type == "error") return fail(error_from_reply(event.data, 200, {}, facts_.request));
    if (const auto text = template_.match(event.data)) return emit(template_.channel(), *text);
    if (event.data == kDone) {
      done_ = true;
      return Flow::proceed;
    }
    return read(event.data, true);
  }

  std::optional<Flow> on_familiar(std::string_view bytes) {
    if (done_) return std::nullopt;
    const auto text = template_.match_event(bytes);
    if (!text) return std::nullopt;
    return emit(template_.channel(), *text);
  }

  Flow read(std::string_view json, bool in_stream) {
    switch (reader_.read(json)) {
      case ChunkReader::Outcome::malformed:
        malformed_ = true;
        return fail(Error(ErrorCode::protocol, "the server at " + facts_.request.base_url +
                                                   " sent what is not JSON: '" + base::excerpt(json) + "'"));
      case ChunkReader::Outcome::fault: return fail(error_from_reply(json, 200, {}, facts_.request));
      case ChunkReader::Outcome::chunk: break;
    }
    const ChunkFacts& chunk = reader_.facts();
    if (!in_stream && !chunk.is_answer)
      return fail(Error(
          ErrorCode::protocol,
          "the server at " + facts_.request.base_url + " answered a chat with '" + base::excerpt(json) + "'",
          "check that base_url is where an OpenAI-compatible API starts"));
    if (check_served(chunk.model) == Flow::stop) return Flow::stop;
    note(chunk);
    if (in_stream && !chunk.plain_text.empty())
      template_.learn(json, chunk.plain_text, chunk.thinking.empty() ? Channel::final : Channel::thinking);
    return emit(chunk);
  }

  Flow finish() {
    if (end_character() == Flow::stop) return Flow::stop;
    if (answer_.finish() == Flow::stop) return Flow::stop;
    return calls_.finish();
  }

  std::string_view undecided() const { return undecided_; }
  void settle(bool same_model) {
    if (!same_model) failure_ = model_mismatch(undecided_, facts_.request);
    accepted_ = std::exchange(undecided_, {});
  }
  std::string_view thinking_field() const { return thinking_field_; }
  bool done() const { return done_; }
  bool complete() const { return done_ || finished_; }
  bool malformed() const { return malformed_; }
  const std::optional<Error>& failure() const { return failure_; }
  ChatOutcome take_outcome() { return std::move(outcome_); }

 private:
  // Runs before anything of the chunk is passed on.
  Flow check_served(std::string_view served) {
    if (served.empty() || served == accepted_ || !facts_.judge_served) return Flow::proceed;
    switch (facts_.judge_served(facts_.request.model, served)) {
      case ServedModel::same: accepted_ = served; return Flow::proceed;
      case ServedModel::other: return fail(model_mismatch(served, facts_.request));
      case ServedModel::unknown: undecided_ = served; break;
    }
    return Flow::stop;
  }

  void note(const ChunkFacts& chunk) {
    if (!chunk.model.empty() && chunk.model != outcome_.served_model) outcome_.served_model = chunk.model;
    if (!chunk.finish_reason.empty()) {
      finished_ = true;
      outcome_.finish = to_finish(chunk.finish_reason);
    }
    if (!chunk.thinking_field.empty()) thinking_field_ = chunk.thinking_field;
    finished_ = finished_ || chunk.ends_answer;
    done_ = done_ || chunk.ends_stream;
    if (chunk.usage.prompt_tokens) outcome_.usage.prompt_tokens = chunk.usage.prompt_tokens;
    if (chunk.usage.completion_tokens) outcome_.usage.completion_tokens = chunk.usage.completion_tokens;
    if (chunk.usage.reasoning_tokens) outcome_.usage.reasoning_tokens = chunk.usage.reasoning_tokens;
    if (chunk.usage.cached_tokens) outcome_.usage.cached_tokens = chunk.usage.cached_tokens;
    note_extra("timings", chunk.timings);
    note_extra("stats", chunk.stats);
    for (std::string_view call : chunk.server_calls) note_server_call(call);
  }

  void note_extra(std::string_view key, std::string_view json) {
    if (json.empty()) return;
    Result<Value> value = base::parse_json(json);
    if (!value || value->members().empty()) return;
    if (key == "stats") read_lmstudio_stats(*value, outcome_);
    if (key == "timings") read_llamacpp_timings(*value, outcome_);
    outcome_.extra.set(key, *std::move(value));
  }

  // Not calls for us: the server has run them, and the model has seen the results.
  void note_server_call(std::string_view json) {
    Result<Value> call = base::parse_json(json);
    if (!call) return;
    Value::Array calls = outcome_.extra["server_tool_calls"].elements();
    calls.push_back(*std::move(call));
    outcome_.extra.set("server_tool_calls", std::move(calls));
  }

  Flow emit(const ChunkFacts& chunk) {
    if (chunk.progress >= 0 && tell_progress(chunk) == Flow::stop) return Flow::stop;
    if (emit({chunk.thinking, chunk.content, chunk.refused}) == Flow::stop) return Flow::stop;
    for (const ChunkFacts::Item& item : chunk.items)
      if (emit(item) == Flow::stop) return Flow::stop;
    for (const CallFragment& fragment : chunk.calls)
      if (calls_.on_fragment(fragment) == Flow::stop) return Flow::stop;
    return Flow::proceed;
  }

  Flow emit(const ChunkFacts::Item& item) {
    if (!item.thinking.empty()) {
      if (answer_.reasoning_is_separate() == Flow::stop ||
          emit(Channel::thinking, item.thinking) == Flow::stop)
        return Flow::stop;
    }
    if (!item.content.empty() && emit(Channel::final, item.content) == Flow::stop) return Flow::stop;
    if (item.refused.tool.empty() && item.refused.reason.empty()) return Flow::proceed;
    return tell_refused(item.refused);
  }

  Flow tell_progress(const ChunkFacts& chunk) {
    ChatEvent event;
    event.kind = ChatEvent::Kind::progress;
    event.fraction = chunk.progress;
    event.text = chunk.progressing;
    return sink_.on_event(event);
  }

  Flow tell_refused(const RefusedCall& call) {
    const std::string sentence = "the server did not run the model's call of its tool '" +
                                 base::repair_utf8(call.tool) + "': " + base::repair_utf8(call.reason);
    ChatEvent event;
    event.kind = ChatEvent::Kind::notice;
    event.text = sentence;
    return sink_.on_event(event);
  }

  // A character that was cut at the end of one channel's text is not completed by text that comes after
  // text of the other.
  Flow emit(Channel channel, std::string_view bytes) {
    if (channel != channel_) {
      if (end_character() == Flow::stop) return Flow::stop;
      channel_ = channel;
    }
    const std::string_view text = repairer_.push(bytes);
    return text.empty() ? Flow::proceed : deliver(channel, text);
  }

  Flow end_character() {
    const std::string_view rest = repairer_.finish();
    return rest.empty() ? Flow::proceed : deliver(channel_, rest);
  }

  Flow deliver(Channel channel, std::string_view text) {
    return channel == Channel::final ? answer_.push(text) : answer_.push_reasoning(channel, text);
  }

  Flow fail(Error error) {
    failure_ = std::move(error);
    return Flow::stop;
  }

  ChatSink& sink_;
  const ChatFacts& facts_;
  ChunkReader reader_;
  ChunkTemplate template_;
  ToolCallTracker calls_;
  AnswerText answer_;
  base::Utf8Repairer repairer_;
  Channel channel_ = Channel::final;  // of the latest text
  ChatOutcome outcome_;
  std::string_view thinking_field_;  // a static string
  std::string accepted_;             // a served name that was accepted as the requested model
  std::string undecided_;            // a served name that is not decided yet
  std::optional<Error> failure_;
  bool malformed_ = false;
  bool done_ = false;
  bool finished_ = false;
};

ChatDecoder::ChatDecoder(ChatSink& sink, const ChatFacts& facts)
    : impl_(std::make_unique<Impl>(sink, facts)) {}
ChatDecoder::~ChatDecoder() = default;

Flow ChatDecoder::on_event(const StreamEvent& event) { return impl_->on_event(event); }
std::optional<Flow> ChatDecoder::on_familiar(std::string_view bytes) { return impl_->on_familiar(bytes); }
Flow ChatDecoder::on_document(std::string_view json) { return impl_->read(json, false); }
Flow ChatDecoder::finish() { return impl_->finish(); }
std::string_view ChatDecoder::undecided() const { return impl_->undecided(); }
void ChatDecoder::settle(bool same_model) { impl_->settle(same_model); }
std::string_view ChatDecoder::thinking_field() const { return impl_->thinking_field(); }
bool ChatDecoder::done() const { return impl_->done(); }
bool ChatDecoder::complete() const { return impl_->complete(); }
bool ChatDecoder::malformed() const { return impl_->malformed(); }
const std::optional<Error>& ChatDecoder::failure() const { return impl_->failure(); }
ChatOutcome ChatDecoder::take_outcome() { return impl_->take_outcome(); }

}  // namespace tachikoma::kit
