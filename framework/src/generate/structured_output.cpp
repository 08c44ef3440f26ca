// SPDX-License-Identifier: MIT
#include "generate/structured_output.hpp"

#include <iterator>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/partial_json.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "generate/json_salvage.hpp"
#include "monitors/speed.hpp"
#include "schema/json_schema.hpp"

namespace tachikoma {
namespace {

using schema::JsonSchema;

constexpr std::size_t kMaxTextInError = 2000;

std::string cut(std::string_view text) {
  const std::string_view start = base::utf8_prefix(text, kMaxTextInError);
  return std::string(start) + (start.size() < text.size() ? "…" : "");
}

/// Passes the growing object to the application.
class PartialObjects {
 public:
  explicit PartialObjects(const PartialCallback& on_partial) : on_partial_(on_partial) {}

  DeltaCallback watcher() {
    if (!on_partial_) return {};
    start();
    return [this](const Delta& delta) { return watch(delta); };
  }
  bool consumer_stopped() const { return stopped_; }

 private:
  void start() {
    json_.emplace();
    received_ = shown_ = 0;
    changed_ = false;
  }
  Flow watch(const Delta& delta) {
    // text before a tool ran, or that turned out to be reasoning, is not the answer
    if (delta.kind == Delta::Kind::tool_result || delta.kind == Delta::Kind::rechannel) start();
    changed_ = json_->push(delta.text()) || changed_;
    received_ += delta.text().size();
    // whoever prints each one whole needs time linear in the answer only if each is longer by a part of
    // itself
    const bool grown = received_ - shown_ >= received_ / 16 || json_->complete();
    if (!changed_ || !grown) return Flow::proceed;
    changed_ = false;
    shown_ = received_;
    stopped_ = on_partial_(json_->value()) == Flow::stop;
    return stopped_ ? Flow::stop : Flow::proceed;
  }

  const PartialCallback& on_partial_;
  std::optional<base::PartialJson> json_;
  std::size_t received_ = 0;  // bytes of the answer
  std::size_t shown_ = 0;     // of those, when the object was last passed on
  bool changed_ = false;      // since then
  bool stopped_ = false;
};

Error violation(std::string message, std::string hint = {}) {
  return Error(ErrorCode::schema_violation, std::move(message), std::move(hint),
               Value::object({{"pointer", ""}}));
}

// The error if asking again can't help; nullopt if it may.
std::optional<Error> final_verdict(const Reply& reply) {
  if (reply.finish == Finish::length)
    return violation("the answer was cut off at its token limit before its JSON was complete",
                     "raise 'max_tokens', or bound the lengths of strings and arrays in the schema");
  if (reply.finish == Finish::content_filter)
    return violation("the server's content filter ended the answer before its JSON was complete",
                     "change the prompt");
  if (!reply.tool_calls.empty())
    return violation("the model called the tool '" + reply.tool_calls.front().name +
                         "', which has no implementation, in place of an answer",
                     "give the tool an implementation, or leave it out");
  return std::nullopt;
}

/// The verdict on a reply: an object that fits, or what is wrong.
struct Judgement {
  std::optional<Value> object;
  std::string notice;  ///< how the object was found
  Error error;
};

Judgement judge(const JsonSchema& schema, const Reply& reply) {
  std::optional<Error> misfit;
  for (FoundJson& found : find_json(reply)) {
    Status fits = schema.validate(found.value);
    // a number at the limit may have lost its last digits; what is closed is whole
    const bool whole = reply.finish != Finish::length || found.value.is_array() || found.value.is_object();
    if (fits && whole) return {std::move(found.value), std::move(found.notice), {}};
    if (!fits && !misfit) misfit = std::move(fits).error();
  }
  if (misfit) return {std::nullopt, {}, *std::move(misfit)};
  if (too_deep(reply.text))
    return {std::nullopt,
            {},
            violation("its JSON has " + std::to_string(base::kMaxJsonDepth) + " levels or more")};
  return {std::nullopt, {}, violation(reply.text.empty() ? "it is empty" : "it contains no JSON")};
}

std::string repair_prompt(const Error& error) {
  std::string text = "Your answer does not fit the JSON schema that was asked for:\n";
  for (const Value& each : error.detail["errors"].elements())
    text.append("- ").append(each["message"].as_string()).append("\n");
  if (error.detail["errors"].elements().empty()) text.append("- ").append(error.message).append("\n");
  return text + "Answer again with the whole corrected JSON and nothing else.";
}

// The turns that a reply adds; a server that put its answer into the reasoning left the last one empty.
std::vector<Message> turns_of(const Reply& reply) {
  std::vector<Message> turns = reply.messages;
  if (turns.empty() || turns.back().role != Role::assistant) turns.push_back(assistant(reply.text));
  if (!turns.back().text.empty()) return turns;
  for (const Channel channel : {Channel::thinking, Channel::analysis, Channel::commentary})
    turns.back().text += reply.channels[channel];
  if (turns.back().text.empty()) turns.back().text = "{}";  // servers refuse an empty turn
  return turns;
}

template <class T>
void add(std::optional<T>& sum, const std::optional<T>& more) {
  sum = sum && more ? std::optional<T>(*sum + *more) : std::nullopt;
}

template <class T>
void add(Sourced<T>& sum, const Sourced<T>& more) {
  if (sum.source == Source::unknown || more.source == Source::unknown)
    sum = sum.source == Source::unknown ? sum : more;
  else
    sum.value += more.value;
}

double tokens(const std::optional<std::int64_t>& count) { return static_cast<double>(count.value_or(1)); }

// Before their tokens are added.
void combine_speeds(Reply& last, const Reply& first) {
  last.metrics.tokens_per_second =
      monitors::combined(first.metrics.tokens_per_second, tokens(first.usage.completion_tokens),
                         last.metrics.tokens_per_second, tokens(last.usage.completion_tokens));
  last.metrics.prompt_tokens_per_second =
      monitors::combined(first.metrics.prompt_tokens_per_second, tokens(first.usage.prompt_tokens),
                         last.metrics.prompt_tokens_per_second, tokens(last.usage.prompt_tokens));
}

template <class T>
void prepend(std::vector<T>& list, std::vector<T> before) {
  before.insert(before.end(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  list = std::move(before);
}

// `first` and `last` as one reply; `turns` are those before `last`.
Reply merged(Reply first, std::vector<Message> turns, Reply last) {
  prepend(last.messages, std::move(turns));
  prepend(last.notices, std::move(first.notices));
  combine_speeds(last, first);
  add(last.usage.prompt_tokens, first.usage.prompt_tokens);
  add(last.usage.completion_tokens, first.usage.completion_tokens);
  add(last.usage.reasoning_tokens, first.usage.reasoning_tokens);
  add(last.usage.cached_tokens, first.usage.cached_tokens);
  last.steps += first.steps;
  last.cached = last.cached && first.cached;
  last.metrics.time_to_first_token = first.metrics.time_to_first_token;
  add(last.metrics.decode_time, first.metrics.decode_time);
  add(last.metrics.total_time, first.metrics.total_time);
  return last;
}

Error given_up(Error error, const Reply& reply, const char* what) {
  error.message = what + error.message;
  if (error.hint.empty())
    error.hint = "say in the prompt what is wanted, loosen the schema, or use a more capable model";
  error.detail.set("text", cut(reply.text));
  return error;
}

/// One answer, judged.
struct JudgedAnswer {
  Reply reply;
  Judgement judgement;
};

Result<JudgedAnswer> ask_once(const AskForObject& ask, TextRequest request, const JsonSchema& schema,
                              const PartialCallback& on_partial) {
  PartialObjects partials(on_partial);
  TACHIKOMA_TRY(Reply reply, ask(std::move(request), partials.watcher()));
  if (partials.consumer_stopped())
    return Error(ErrorCode::cancelled, "the callback for the object stopped the generation");
  Judgement judgement = judge(schema, reply);
  if (!judgement.object)
    if (std::optional<Error> last_word = final_verdict(reply))
      return given_up(*std::move(last_word), reply, "");
  if (!judgement.notice.empty()) reply.notices.push_back(judgement.notice);
  return JudgedAnswer{std::move(reply), std::move(judgement)};
}

}  // namespace

bool fits(const Value& schema, const Reply& reply) {
  const Result<JsonSchema> compiled = JsonSchema::compile(schema);
  return compiled && judge(*compiled, reply).object;
}

Result<ObjectReply<Value>> generate_object(const AskForObject& ask, TextRequest request, const Value& schema,
                                           const PartialCallback& on_partial) {
  TACHIKOMA_TRY(const JsonSchema compiled, JsonSchema::compile(schema));
  TACHIKOMA_TRY(JudgedAnswer first, ask_once(ask, request, compiled, on_partial));
  if (first.judgement.object)
    return ObjectReply<Value>{*std::move(first.judgement.object), std::move(first.reply)};

  const Error& wrong = first.judgement.error;
  std::vector<Message> turns = turns_of(first.reply);
  turns.push_back(user(repair_prompt(wrong)));
  request.messages.insert(request.messages.end(), turns.begin(), turns.end());
  request.tool_choice.reset();  // it was meant for the first step
  TACHIKOMA_TRY(JudgedAnswer repaired, ask_once(ask, std::move(request), compiled, on_partial));
  if (!repaired.judgement.object)
    return given_up(std::move(repaired.judgement.error), repaired.reply,
                    "the answer does not fit the schema, nor did the one before: ");
  first.reply.notices.push_back("the first answer did not fit the schema and was sent back: " +
                                wrong.message);
  return ObjectReply<Value>{*std::move(repaired.judgement.object),
                            merged(std::move(first.reply), std::move(turns), std::move(repaired.reply))};
}

}  // namespace tachikoma
