// SPDX-License-Identifier: MIT
#include "common/chat/chat_decoder.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "common/chat/answer_text.hpp"
#include "common/chat/chunk_readers.hpp"
#include "common/chat/chunk_template.hpp"
#include "common/chat/finish_words.hpp"
#include "common/chat/llamacpp_timings.hpp"
#include "common/chat/lmstudio_stats.hpp"
#include "common/chat/pending_text.hpp"
#include "common/chat/tool_call_tracker.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kDone = "[DONE]";

// What servers send between answers, to keep a connection open.
bool says_nothing(std::string_view data) {
  return data.empty() || data == "null" || data == "{}" || data == "[]" || data == "\"\"";
}

// The name of an event that is not of this API: what comes with it may be anything.
bool is_foreign(std::string_view type) { return !type.empty() && type != "message"; }

}  // namespace

class ChatDecoder::Impl {
 public:
  enum class Origin : std::uint8_t { event, foreign_event, document };

  Impl(ChatSink& sink, const ChatFacts& facts)
      : sink_(sink),
        facts_(facts),
        readers_(facts.readers ? *facts.readers : own_readers_),
        calls_(sink, facts.history()),
        answer_(sink, calls_, facts.tools()) {}

  Flow on_event(const StreamEvent& event) {
    if (done_) return Flow::proceed;
    if (event.type == "error") return fail(error_from_reply(event.data, 200, {}, facts_.request));
    if (const auto match = template_.match(event.data)) return emit_lone(*match);
    const std::string_view data = trimmed(event.data);
    if (says_nothing(data)) return Flow::proceed;
    if (data == kDone) {
      done_ = true;
      return Flow::proceed;
    }
    return read(data, is_foreign(event.type) ? Origin::foreign_event : Origin::event);
  }

  std::optional<Flow> on_familiar(std::string_view& bytes) {
    if (done_) return std::nullopt;
    const auto match = template_.match_event(bytes);
    if (!match) return std::nullopt;
    bytes.remove_prefix(match->size);
    return emit_lone(*match);
  }

  Flow read(std::string_view json, Origin origin) {
    const ChunkReaders::Lease reader(readers_);
    switch (reader->read(json, choice_)) {
      case ChunkReader::Outcome::malformed:
        if (origin == Origin::foreign_event) return Flow::proceed;
        malformed_ = true;
        return fail(
            Error(ErrorCode::protocol, server() + " sent what is not JSON: '" + base::excerpt(json) + "'"));
      case ChunkReader::Outcome::complaint:
        if (origin == Origin::foreign_event) return Flow::proceed;
        [[fallthrough]];
      case ChunkReader::Outcome::fault: return fail(error_from_reply(json, 200, {}, facts_.request));
      case ChunkReader::Outcome::chunk: break;
    }
    const ChunkFacts& chunk = reader->facts();
    if (origin == Origin::document && !chunk.is_answer)
      return fail(Error(ErrorCode::protocol, server() + " answered a chat with '" + base::excerpt(json) + "'",
                        "check that base_url is where an OpenAI-compatible API starts"));
    if (check_served(chunk.model) == Flow::stop) return Flow::stop;
    note(chunk, *reader);
    if (origin == Origin::document) finished_ = true;
    if (origin != Origin::document) template_.learn(json, chunk);
    return emit(chunk);
  }

  Flow finish() {
    if (end_character() == Flow::stop) return Flow::stop;
    if (answer_.finish() == Flow::stop) return Flow::stop;
    if (calls_.finish() == Flow::stop) return Flow::stop;
    if (complete() && !said_ && !ended_in_silence()) return fail(no_answer());
    return finish_word_.empty() ? Flow::proceed : tell_finish();
  }

  std::string_view undecided() const { return undecided_; }
  void settle(bool same_model) {
    if (!same_model) failure_ = model_mismatch(undecided_, facts_.request);
    outcome_.served_model = std::exchange(undecided_, {});
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
    if (served.empty() || served == outcome_.served_model || !facts_.judge_served) return Flow::proceed;
    switch (facts_.judge_served(facts_.request.model, served)) {
      case ServedModel::same: return Flow::proceed;
      case ServedModel::other: return fail(model_mismatch(served, facts_.request));
      case ServedModel::unknown: undecided_ = served; break;
    }
    return Flow::stop;
  }

  void note(const ChunkFacts& chunk, ChunkReader& reader) {
    if (!chunk.model.empty() && chunk.model != outcome_.served_model) outcome_.served_model = chunk.model;
    if (!is_no_finish(chunk.finish_reason)) {
      finished_ = true;
      if (finish_word_ != chunk.finish_reason) finish_word_ = chunk.finish_reason;
    }
    if (!chunk.thinking_field.empty()) thinking_field_ = chunk.thinking_field;
    finished_ = finished_ || chunk.ends_answer;
    done_ = done_ || chunk.ends_stream;
    ran_ = ran_ || chunk.speaks || !chunk.timings.empty();
    note_usage(chunk.usage);
    note_extra("timings", chunk.timings, reader);
    note_extra("stats", chunk.stats, reader);
    for (std::string_view call : chunk.server_calls) note_server_call(call, reader);
  }

  void note_usage(const Usage& usage) {
    if (usage.prompt_tokens) outcome_.usage.prompt_tokens = usage.prompt_tokens;
    if (usage.completion_tokens) outcome_.usage.completion_tokens = usage.completion_tokens;
    if (usage.reasoning_tokens) outcome_.usage.reasoning_tokens = usage.reasoning_tokens;
    if (usage.cached_tokens) outcome_.usage.cached_tokens = usage.cached_tokens;
    ran_ = ran_ || usage.completion_tokens.value_or(0) > 0;
  }

  // The model may end its answer at once: the server then says why it ended, and shows that it was asked. And
  // LM Studio announces calls, where one is required, that the model did not make.
  bool ended_in_silence() const {
    const bool announced =
        !facts_.tools().empty() && read_finish_word(finish_word_).finish == Finish::tool_calls;
    return finished_ && (ran_ || announced);
  }

  Error no_answer() const {
    const std::string word = finish_word_.empty() ? "" : " ('" + base::excerpt(finish_word_, 80) + "')";
    return Error(ErrorCode::protocol,
                 server() + " ended its reply" + word +
                     " without an answer: there is no text, no reasoning and no tool call in it",
                 "look at the server's log");
  }

  Flow tell_finish() {
    const FinishWord meaning = read_finish_word(finish_word_);
    outcome_.finish = meaning.finish;
    if (meaning.warning.empty()) return Flow::proceed;
    outcome_.extra.set("finish_reason", base::repair_utf8(finish_word_));
    return notify(finish_notice(finish_word_, meaning));
  }

  void note_extra(std::string_view key, std::string_view json, ChunkReader& reader) {
    if (json.empty()) return;
    Result<Value> value = reader.value_of(json);
    if (!value || value->members().empty()) return;
    if (key == "stats") read_lmstudio_stats(*value, outcome_);
    if (key == "timings") read_llamacpp_timings(*value, outcome_);
    outcome_.extra.set(key, *std::move(value));
  }

  // Not calls for us: the server has run them, and the model has seen the results.
  void note_server_call(std::string_view json, ChunkReader& reader) {
    constexpr std::string_view kKey = "server_tool_calls";
    Result<Value> call = reader.value_of(json);
    if (!call) return;
    Value* calls = outcome_.extra.find(kKey);
    if (!calls) calls = &outcome_.extra.set(kKey, Value::array());
    calls->push_back(*std::move(call));
  }

  Flow emit(const ChunkFacts& chunk) {
    if (chunk.progress >= 0 && tell_progress(chunk) == Flow::stop) return Flow::stop;
    // after deltas, the whole message says the same once more
    const bool new_thinking = !chunk.whole || !said_thinking_;
    const bool new_content = !chunk.whole || !said_content_;
    const ChunkFacts::Item item{new_thinking ? chunk.thinking : std::string_view(),
                                new_content ? chunk.content : std::string_view(), chunk.refused};
    if (emit(item) == Flow::stop) return Flow::stop;
    for (const ChunkFacts::Item& each : chunk.items)
      if (emit(each) == Flow::stop) return Flow::stop;
    if (!chunk.whole || !said_calls_)
      for (const CallFragment& fragment : chunk.calls)
        if (calls_.on_fragment(fragment) == Flow::stop) return Flow::stop;
    said_ = said_ || !chunk.thinking.empty() || !chunk.content.empty() || !chunk.calls.empty() ||
            !chunk.items.empty() || !chunk.server_calls.empty() || !chunk.refused.tool.empty() ||
            !chunk.refused.reason.empty();
    if (chunk.whole) return Flow::proceed;
    said_thinking_ = said_thinking_ || !chunk.thinking.empty();
    said_content_ = said_content_ || !chunk.content.empty();
    said_calls_ = said_calls_ || !chunk.calls.empty();
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
    return notify("the server did not run the model's call of its tool '" + base::repair_utf8(call.tool) +
                  "': " + base::repair_utf8(call.reason));
  }

  Flow notify(const std::string& sentence) {
    ChatEvent event;
    event.kind = ChatEvent::Kind::notice;
    event.text = sentence;
    return sink_.on_event(event);
  }

  std::string server() const { return "the server at " + std::string(facts_.request.base_url); }

  // The text of a chunk that has nothing else, but perhaps a usage.
  Flow emit_lone(const ChunkTemplate::Match& match) {
    const std::string_view text = match.text;
    if (template_.has_usage()) note_usage(template_.usage());
    if (template_.is_call()) return calls_.on_fragment({.index = template_.call_index(), .arguments = text});
    if (text.empty()) return Flow::proceed;
    const Channel channel = template_.channel();
    if (match.ascii && channel == channel_ && !repairer_.holds_some()) return deliver(channel, text);
    return emit(channel, text);
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
  ChunkReaders own_readers_;
  ChunkReaders& readers_;
  std::optional<std::int64_t> choice_;  // the number of the one that is read
  ChunkTemplate template_;
  ToolCallTracker calls_;
  AnswerText answer_;
  base::Utf8Repairer repairer_;
  Channel channel_ = Channel::final;  // of the latest text
  ChatOutcome outcome_;
  std::string_view thinking_field_;  // a static string
  std::string undecided_;            // a served name that is not decided yet
  std::optional<Error> failure_;
  bool malformed_ = false;
  bool done_ = false;
  bool finished_ = false;
  std::string finish_word_;     // the server's, as it came
  bool ran_ = false;            // there is a place for text, or a figure of the model's work
  bool said_ = false;           // anything of an answer
  bool said_thinking_ = false;  // in deltas, as the next two
  bool said_content_ = false;
  bool said_calls_ = false;
};

ChatDecoder::ChatDecoder(ChatSink& sink, const ChatFacts& facts)
    : impl_(std::make_unique<Impl>(sink, facts)) {}
ChatDecoder::~ChatDecoder() = default;

Flow ChatDecoder::on_event(const StreamEvent& event) { return impl_->on_event(event); }
std::optional<Flow> ChatDecoder::on_familiar(std::string_view& bytes) { return impl_->on_familiar(bytes); }
Flow ChatDecoder::on_document(std::string_view json) {
  return impl_->read(json, ChatDecoder::Impl::Origin::document);
}
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
