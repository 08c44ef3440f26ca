// SPDX-License-Identifier: MIT
#include "generate/generation.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/lists.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "calls/retry.hpp"
#include "generate/chat_call.hpp"
#include "models/generation_settings.hpp"

namespace tachikoma::generate {
namespace {

// The sum is known only if each step's number is.
std::optional<std::int64_t> sum(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b) {
  return a && b ? std::optional(*a + *b) : std::nullopt;
}

Usage sum(const Usage& a, const Usage& b) {
  return {.prompt_tokens = sum(a.prompt_tokens, b.prompt_tokens),
          .completion_tokens = sum(a.completion_tokens, b.completion_tokens),
          .reasoning_tokens = sum(a.reasoning_tokens, b.reasoning_tokens),
          .cached_tokens = sum(a.cached_tokens, b.cached_tokens)};
}

bool has_implementations(const ToolKit& kit) {
  return std::any_of(kit.entries().begin(), kit.entries().end(),
                     [](const ToolKit::Entry& entry) { return entry.tool != nullptr; });
}

// A server without an answer is its provider's to report; an empty reply would hide what the plugin lost.
Error silent_plugin(const calls::ConfiguredProvider& provider) {
  return Error(ErrorCode::protocol,
               "'" + provider.id + "' ended a chat without an answer: plugin '" + provider.plugin +
                   "' reported success, and neither a text, a tool call, a finish reason nor usage",
               "ask again; if it happens again, report it to the author of plugin '" + provider.plugin + "'",
               Value::object({{"plugin", provider.plugin}}));
}

// Before it is loaded in vain.
Error can_not_chat(const ResolvedModel& model) {
  return Error(ErrorCode::unsupported,
               "'" + model.name + "' is an embedding model: it turns texts into vectors, and can't chat",
               "choose a model that can chat, or use this one for embeddings");
}

}  // namespace

Result<std::unique_ptr<Generation>> Generation::make(const Parts& parts, async::Execution::Mode mode,
                                                     GenerationRequest&& request) {
  TACHIKOMA_TRY_STATUS(check_request(request.text));
  TACHIKOMA_TRY(tools::ToolRunner tools,
                tools::ToolRunner::make(request.text.tools, request.text.tool_rules));
  return std::unique_ptr<Generation>(new Generation(parts, mode, std::move(request), std::move(tools)));
}

Generation::Generation(const Parts& parts, async::Execution::Mode mode, GenerationRequest&& request,
                       tools::ToolRunner tools)
    : parts_(parts),
      request_{.execution = {mode, parts.providers.timer(), &parts.threads.continuations, &memory_},
               .cancellation = cancellation_,
               .id = next_request_id(),
               .log = parts.providers.log()},
      events_(parts.monitors, parts.providers.log(), request_.id),
      emitter_(cancellation_, [this] { events_.first_token(); }),
      tools_(std::move(tools)),
      runs_tools_(has_implementations(request.text.tools)),
      first_choice_(std::move(request.text.tool_choice)),
      chain_(parts.registry, parts.providers, parts.threads.lookups, request_, request.text.model,
             request.text.settings),
      chat_{.messages = acceptable_history(std::move(request.text.messages)),
            .tools = tools_.specs(),
            .parallel_tool_calls = request.text.parallel_tool_calls,
            .response_schema = std::move(request.response_schema)},
      system_(chat_.messages),
      cached_(CachedAnswer::make(parts.cache, request.text.cache)),
      on_stop_(std::move(request.text.stop), [this] { cancellation_.request(CancelReason::caller); }) {
  reply_.steps = 0;
}

async::Task<Status> Generation::prepare() { return chain_.start(); }

std::size_t Generation::buffer_size() const {
  return static_cast<std::size_t>(chain_.target().settings.streaming_buffer_size.value_or(1));
}

async::Task<Result<Reply>> Generation::run(DeltaCallback on_delta, std::function<void()> on_pause) {
  emitter_.emit_to(std::move(on_delta), std::move(on_pause));
  const models::ResolvedTarget& target = chain_.target();
  start_ = Clock::now();
  system_.put(chat_.messages, target.found->system);
  total_.emplace(request_.execution.timer, target.provider->policy.clocks.total, cancellation_);
  events_.started({target.provider->id, target.model(), chain_.fallbacks()}, chat_.messages);
  std::exception_ptr thrown;
  try {
    async::Task<Status> steps = take_steps();
    Status taken = co_await steps;
    hold_ = {};
    if (!taken && !consumer_stopped()) {
      events_.failed(taken.error(), reply_);
      co_return with_partial(std::move(taken).error());
    }
    complete();
    emitter_.rethrow();
    events_.finished(reply_);
    if (is_to_be_kept()) {
      async::Task<Status> keeping = keep();
      co_await keeping;
    }
    co_return std::move(reply_);
  } catch (...) {
    thrown = std::current_exception();
  }
  hold_ = {};
  events_.failed(Error(ErrorCode::cancelled, "a callback threw"), reply_);
  std::rethrow_exception(thrown);
}

async::Task<Status> Generation::take_steps() {
  for (;;) {
    ++reply_.steps;
    chat_.tool_choice = tool_choice();
    async::Task<Status> asking = ask();
    Status asked = co_await asking;
    if (!asked) co_return std::move(asked).error();
    events_.answered();
    Answer answer = *std::move(answer_);
    answer_.reset();
    if (lacks_a_call(answer)) {
      choice_failed_ = true;
      reply_.notices.push_back("a tool call was required, and the model made none" +
                               std::string(emitter_.seen() ? "" : ": the request was repeated without that"));
      if (!emitter_.seen()) continue;
    }
    absorb(answer);
    emit_calls();
    std::vector<ToolCall> calls = take_calls_for_tools();
    if (calls.empty() || consumer_stopped()) co_return Done{};
    async::Task<Status> running = run_tools(std::move(calls));
    Status ran = co_await running;
    if (!ran || consumer_stopped() || !reply_.tool_calls.empty()) co_return ran;
  }
}

/// Asks the model, again if that may help, and its fallbacks if it can't answer.
async::Task<Status> Generation::ask() {
  const auto may_repeat = [this] { return !emitter_.seen(); };
  for (;;) {
    const calls::CallTarget target(*chain_.target().provider);
    bool repeated = false;
    const auto attempt = [&](calls::Server& server) {
      events_.asks(server.component().address, std::exchange(repeated, true));
      return ask_at(target, server);
    };
    chat_.settings = chain_.target().settings;
    system_.put(chat_.messages, chain_.target().found->system);
    if (cached_ && reply_.steps == 1) {
      async::Task<bool> finding = find_cached(target);
      if (co_await finding) {
        async::Task<Status> replaying = replay(target);
        co_return co_await replaying;
      }
    }
    async::Task<Status> asking = calls::with_retries<Done>(request_, target, attempt, may_repeat);
    Status asked = co_await asking;
    if (asked || emitter_.seen() || cancellation_.requested() || !calls::may_fall_back(asked.error()))
      co_return std::move(asked);
    async::Task<Status> falling = chain_.fall_back(std::move(asked).error());
    Status fell = co_await falling;
    if (!fell) co_return std::move(fell).error();
    events_.fell_back({chain_.target().provider->id, chain_.target().model(), chain_.fallbacks()});
  }
}

async::Task<Status> Generation::ask_at(const calls::CallTarget& target, calls::Server& server) {
  calls::Attempt attempt(request_, target, server);
  attempt.load = &chain_.target().load();
  const ResolvedModel& model = *chain_.target().found;
  std::optional<models::ModelStay> stay = parts_.residents.enter(model, server);
  bool permitted = false;
  for (bool known = stay.has_value();; known = false) {
    if (!stay) {
      if (model.kind == ModelKind::embedding) co_return can_not_chat(model);
      async::Task<Result<models::ModelStay>> waiting = parts_.residents.wait_for(
          {request_, attempt, target, server, model, *attempt.load, parts_.threads.lookups,
           [&](const models::WaitState& state) { report_wait(state, attempt.clocks); }, events_.waits()});
      Result<models::ModelStay> there = co_await waiting;
      if (!there) co_return std::move(there).error();
      stay.emplace(*std::move(there));
    }
    chat_.model = stay->name(model.name);
    if (!permitted) {
      permitted = co_await attempt.permit;
      events_.queued(attempt.permit.waited());
    }
    if (!permitted || attempt.ended()) co_return attempt.why_no_permit();
    async::Task<Status> asking = ask_in(target, server, attempt);
    Status asked = co_await asking;
    if (asked) break;
    const bool was_gone = asked.error().code == ErrorCode::model_not_found && stay->is_held();
    Error error = stay->failed(std::move(asked).error());
    if (!known || !was_gone || emitter_.seen()) co_return error;
    stay.reset();  // what was known of its memory was out of date: it is looked up now
    attempt.clocks.on_phase(Phase::loading);
    events_.asks(server.component().address, true);
  }
  stay->served(answer_->outcome.served_model);
  hold_ = runs_tools_ && !answer_->calls.empty() ? stay->hold(request_.id) : models::ModelHold();
  co_return Done{};
}

void Generation::report_wait(const models::WaitState& state, CallClocks& clocks) {
  emitter_.emit({.kind = Delta::Kind::progress,
                 .content = state.loading ? "load" : "queue",
                 .fraction = state.fraction,
                 .waiting = &state.waiting},
                clocks);
  emitter_.pause();
}

async::Task<Status> Generation::ask_in(const calls::CallTarget& target, calls::Server& server,
                                       calls::Attempt& attempt) {
  AnswerSink sink(target, attempt.clocks, attempt.cancellation, emitter_, answer_.emplace());
  async::Task<Result<ChatOutcome>> call =
      call_chat(request_.execution, parts_.threads.workers, server, chat_,
                cached_ ? cached_->recorded(sink) : static_cast<ChatSink&>(sink), attempt);
  Result<ChatOutcome> outcome = co_await call;
  emitter_.pause();
  events_.loaded(sink.load_time());
  if (!consumer_stopped() && (attempt.ended() || sink.failure() || !outcome)) {
    sink.end({});
    if (attempt.ended()) co_return attempt.why_ended();
    if (sink.failure()) co_return *sink.failure();
    co_return std::move(outcome).error();
  }
  served_by_ = &server;
  if (!outcome) outcome = ChatOutcome{};
  if (consumer_stopped()) {
    outcome->finish = Finish::cancelled;
  } else if (sink.is_silent(*outcome)) {
    answer_.reset();
    co_return silent_plugin(*target.provider);
  }
  if (cached_) cached_->note_end(*outcome);
  sink.end(*std::move(outcome));
  co_return Done{};
}

void Generation::absorb(Answer& answer) {
  const models::ResolvedTarget& target = chain_.target();
  ChatOutcome& outcome = answer.outcome;
  name_calls(answer.calls);
  add_speeds(answer);
  reply_.provider = target.provider->id;
  if (outcome.served_model.empty())
    reply_.model = target.model();
  else
    reply_.model = std::move(outcome.served_model);
  reply_.channels = std::move(answer.channels);
  reply_.text = reply_.channels[Channel::final];
  reply_.finish = outcome.finish;
  reply_.usage = reply_.messages.empty() ? outcome.usage : sum(reply_.usage, outcome.usage);
  reply_.extra = std::move(outcome.extra);
  std::move(answer.notices.begin(), answer.notices.end(), std::back_inserter(reply_.notices));
  if (reply_.messages.empty()) first_token_ = answer.first_token;
  if (answer.first_token != Clock::time_point{}) decode_time_ += answer.end - answer.first_token;
  reply_.messages.push_back({.role = Role::assistant, .text = reply_.text, .tool_calls = answer.calls});
  if (!answer.calls.empty()) reply_.messages.back().reasoning = reasoning_of(reply_.channels);
  reply_.tool_calls = std::move(answer.calls);
}

void Generation::add_speeds(Answer& answer) {
  ChatOutcome& outcome = answer.outcome;
  const Usage& before = reply_.usage;  // of the steps so far
  const auto tokens = [](const std::optional<std::int64_t>& count) {
    return static_cast<double>(count.value_or(1));
  };
  Sourced<double> speed = outcome.tokens_per_second ? std::move(outcome.tokens_per_second)
                                                    : answer.arrivals.speed(outcome.usage.completion_tokens);
  speed_ = monitors::combined(std::move(speed_), tokens(before.completion_tokens), std::move(speed),
                              tokens(outcome.usage.completion_tokens));
  prompt_speed_ =
      monitors::combined(std::move(prompt_speed_), tokens(before.prompt_tokens),
                         std::move(outcome.prompt_tokens_per_second), tokens(outcome.usage.prompt_tokens));
}

// What arrived before the failure is the caller's, as when a callback stops. A half call is nobody's.
Error Generation::with_partial(Error error) {
  if (answer_) answer_->calls.clear();
  if (answer_ && answer_->first_token != Clock::time_point{}) absorb(*answer_);
  if (reply_.messages.empty()) return error;
  reply_.finish = error.code == ErrorCode::cancelled ? Finish::cancelled : Finish::unknown;
  measure();
  if (!error.detail.is_object()) error.detail = Value::object();
  Value partial = to_value(reply_);
  const auto form = [](const Message& each) { return to_value(each); };
  if (reply_.messages.size() > 1) partial.set("messages", base::array_of(reply_.messages, form));
  error.detail.set("partial", std::move(partial));
  return error;
}

void Generation::measure() {
  reply_.metrics = monitors::measure(start_, first_token_, decode_time_);
  reply_.metrics.tokens_per_second = std::move(speed_);
  reply_.metrics.prompt_tokens_per_second = std::move(prompt_speed_);
  if (reply_.cached)
    reply_.metrics.tokens_per_second = reply_.metrics.prompt_tokens_per_second =
        base::unknown<double>("the answer is of the response cache");
  else if (!reply_.metrics.prompt_tokens_per_second)
    reply_.metrics.prompt_tokens_per_second.basis = "the server does not report it";
}

void Generation::complete() {
  const models::ResolvedTarget& target = chain_.target();
  if (Answer nothing; reply_.messages.empty()) absorb(nothing);
  if (consumer_stopped()) reply_.finish = Finish::cancelled;
  for (std::string& notice : chain_.notices()) reply_.notices.push_back(std::move(notice));
  measure();
  if (served_by_) served_by_->instances.note_used(target.model());
  if (!reply_.cached) parts_.registry.note_served(target.provider->id, target.model());
  if (consumer_stopped()) return;
  if (reply_.usage != Usage{}) emitter_.emit({.kind = Delta::Kind::usage, .usage = reply_.usage});
  if (consumer_stopped()) return;
  emitter_.emit(
      {.kind = Delta::Kind::end, .usage = reply_.usage, .finish = reply_.finish, .metrics = &reply_.metrics});
}

}  // namespace tachikoma::generate
