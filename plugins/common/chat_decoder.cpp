// SPDX-License-Identifier: MIT
#include "common/chat_decoder.hpp"

#include <array>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "common/chunk_reader.hpp"
#include "common/chunk_template.hpp"
#include "common/tool_call_tracker.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kDone = "[DONE]";

Finish to_finish(std::string_view reason) {
  if (reason == "stop") return Finish::stop;
  if (reason == "length") return Finish::length;
  if (reason == "tool_calls" || reason == "function_call") return Finish::tool_calls;
  if (reason == "content_filter") return Finish::content_filter;
  return Finish::unknown;
}

}  // namespace

class ChatDecoder::Impl {
 public:
  Impl(ChatSink& sink, const RequestFacts& facts) : sink_(sink), facts_(facts), calls_(sink) {}

  Flow on_event(const StreamEvent& event) {
    if (done_ || event.data.empty()) return Flow::proceed;
    if (event.type == "error") return fail(error_from_reply(event.data, 200, {}, facts_));
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
        return fail(Error(ErrorCode::protocol, "the server at " + facts_.base_url +
                                                   " sent what is not JSON: '" + excerpt(json) + "'"));
      case ChunkReader::Outcome::fault: return fail(error_from_reply(json, 200, {}, facts_));
      case ChunkReader::Outcome::chunk: break;
    }
    const ChunkFacts& chunk = reader_.facts();
    if (!in_stream && !chunk.has_choice)
      return fail(Error(ErrorCode::protocol,
                        "the server at " + facts_.base_url + " answered a chat with '" + excerpt(json) + "'",
                        "check that base_url is where an OpenAI-compatible API starts"));
    note(chunk);
    if (in_stream && !chunk.plain_text.empty())
      template_.learn(json, chunk.plain_text, chunk.thinking.empty() ? Channel::final : Channel::thinking);
    return tell(chunk);
  }

  Flow finish() {
    for (std::size_t i = 0; i < kChannelCount; ++i) {
      const std::string_view rest = repairers_[i].finish();
      if (!rest.empty() && deliver(static_cast<Channel>(i), rest) == Flow::stop) return Flow::stop;
    }
    return calls_.finish();
  }

  bool done() const { return done_; }
  bool complete() const { return done_ || finished_; }
  bool malformed() const { return malformed_; }
  const std::optional<Error>& failure() const { return failure_; }
  ChatOutcome take_outcome() { return std::move(outcome_); }

 private:
  void note(const ChunkFacts& chunk) {
    if (!chunk.model.empty() && chunk.model != outcome_.served_model) outcome_.served_model = chunk.model;
    if (!chunk.finish_reason.empty()) {
      finished_ = true;
      outcome_.finish = to_finish(chunk.finish_reason);
    }
    if (chunk.usage.prompt_tokens) outcome_.usage.prompt_tokens = chunk.usage.prompt_tokens;
    if (chunk.usage.completion_tokens) outcome_.usage.completion_tokens = chunk.usage.completion_tokens;
    if (chunk.usage.reasoning_tokens) outcome_.usage.reasoning_tokens = chunk.usage.reasoning_tokens;
    note_extra("timings", chunk.timings);
    note_extra("stats", chunk.stats);
  }

  void note_extra(std::string_view key, std::string_view json) {
    if (json.empty()) return;
    Result<Value> value = base::parse_json(json);
    if (value && !value->members().empty()) outcome_.extra.set(key, *std::move(value));
  }

  Flow tell(const ChunkFacts& chunk) {
    if (chunk.progress >= 0) {
      ChatEvent event;
      event.kind = ChatEvent::Kind::progress;
      event.fraction = chunk.progress;
      event.text = "prompt";
      if (sink_.on_event(event) == Flow::stop) return Flow::stop;
    }
    if (!chunk.thinking.empty() && emit(Channel::thinking, chunk.thinking) == Flow::stop) return Flow::stop;
    if (!chunk.content.empty() && emit(Channel::final, chunk.content) == Flow::stop) return Flow::stop;
    for (const CallFragment& fragment : chunk.calls)
      if (calls_.on_fragment(fragment) == Flow::stop) return Flow::stop;
    return Flow::proceed;
  }

  Flow emit(Channel channel, std::string_view bytes) {
    const std::string_view text = repairers_[static_cast<std::size_t>(channel)].push(bytes);
    return text.empty() ? Flow::proceed : deliver(channel, text);
  }

  Flow deliver(Channel channel, std::string_view text) {
    ChatEvent event;
    event.channel = channel;
    event.text = text;
    return sink_.on_event(event);
  }

  Flow fail(Error error) {
    failure_ = std::move(error);
    return Flow::stop;
  }

  ChatSink& sink_;
  const RequestFacts& facts_;
  ChunkReader reader_;
  ChunkTemplate template_;
  ToolCallTracker calls_;
  std::array<base::Utf8Repairer, kChannelCount> repairers_;
  ChatOutcome outcome_;
  std::optional<Error> failure_;
  bool malformed_ = false;
  bool done_ = false;
  bool finished_ = false;
};

ChatDecoder::ChatDecoder(ChatSink& sink, const RequestFacts& facts)
    : impl_(std::make_unique<Impl>(sink, facts)) {}
ChatDecoder::~ChatDecoder() = default;

Flow ChatDecoder::on_event(const StreamEvent& event) { return impl_->on_event(event); }
std::optional<Flow> ChatDecoder::on_familiar(std::string_view bytes) { return impl_->on_familiar(bytes); }
Flow ChatDecoder::on_document(std::string_view json) { return impl_->read(json, false); }
Flow ChatDecoder::finish() { return impl_->finish(); }
bool ChatDecoder::done() const { return impl_->done(); }
bool ChatDecoder::complete() const { return impl_->complete(); }
bool ChatDecoder::malformed() const { return impl_->malformed(); }
const std::optional<Error>& ChatDecoder::failure() const { return impl_->failure(); }
ChatOutcome ChatDecoder::take_outcome() { return impl_->take_outcome(); }

}  // namespace tachikoma::kit
