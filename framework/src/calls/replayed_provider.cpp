// SPDX-License-Identifier: MIT
#include "calls/replayed_provider.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/secrets.hpp"
#include "base/try.hpp"
#include "schema/wording.hpp"

namespace tachikoma::calls {

ReplayedProvider::ReplayedProvider(Cassette cassette, const ReplayConfig& how,
                                   std::vector<std::string> secrets, LogCallback log)
    : order_(std::move(cassette), how.match),
      timing_(how.timing),
      secrets_(std::move(secrets)),
      log_(std::move(log)) {
  for (const Cassette::Recorded& each : order_.cassette().all)
    if (each.interaction.question == Question::list_models)
      if (const auto models = read_answer<std::vector<ModelInfo>>(each.interaction.answer))
        keys_.add(*models);
}

ReplayedProvider::~ReplayedProvider() {
  const auto left = order_.left();
  if (left.empty() || !log_) return;
  log_(Severity::warning, head().provider,
       "the end of the cassette '" + order_.cassette().file + "', from line " +
           std::to_string(left.front()->line) +
           " on, was not asked for: " + schema::counted(left.size(), "request"));
}

void* ReplayedProvider::capability(std::string_view id) {
  if (id == ModelCatalog::kId && !head().lists_models) return nullptr;
  if (id == Embedder::kId && !head().embeds) return nullptr;
  if (id == Tokenizer::kId && !head().counts_tokens) return nullptr;
  return capability_of<Embedder, ModelCatalog, PromptReturn, Tokenizer>(this, id);
}

Result<ChatOutcome> ReplayedProvider::chat(const ChatRequest& request, ChatSink& sink,
                                           const CallContext& context) {
  const auto start = Clock::now();
  context.enter(Phase::waiting);
  TACHIKOMA_TRY(const Interaction* const recorded, find(Question::chat, asked(request)));
  for (const RecordedEvent& each : recorded->events) {
    wait(start, each.at_us, context);
    if (context.cancellation.requested() || sink.on_event(each.event()) == Flow::stop)
      return Error(ErrorCode::cancelled, "the replay was cancelled");
  }
  return end<ChatOutcome>(*recorded, start, context);
}

Result<Embeddings> ReplayedProvider::embed(std::string_view model, std::span<const std::string> texts,
                                           const CallContext& context) {
  return answer<Embeddings>(Question::embed, asked(model, texts), context);
}

Result<std::vector<ModelInfo>> ReplayedProvider::list_models(const CallContext& context) {
  return answer<std::vector<ModelInfo>>(Question::list_models, Value::object(), context);
}

Result<std::int64_t> ReplayedProvider::count_prompt_tokens(const ChatRequest& request,
                                                           const CallContext& context) {
  return answer<std::int64_t>(Question::count_prompt_tokens, asked(request), context);
}

Result<std::int64_t> ReplayedProvider::count_text_tokens(std::string_view model, std::string_view text,
                                                         const CallContext& context) {
  return answer<std::int64_t>(Question::count_text_tokens, asked(model, text), context);
}

Result<const Interaction*> ReplayedProvider::find(Question question, Value asked) {
  if (Value* const model = asked.find("model")) *model = keys_.key_of(model->as_string());
  return order_.next(question, base::without_secrets(asked, secrets_));
}

template <class T>
Result<T> ReplayedProvider::answer(Question question, Value asked, const CallContext& context) {
  const auto start = Clock::now();
  TACHIKOMA_TRY(const Interaction* const recorded, find(question, std::move(asked)));
  return end<T>(*recorded, start, context);
}

template <class T>
Result<T> ReplayedProvider::end(const Interaction& of, Clock::time_point start,
                                const CallContext& context) const {
  wait(start, of.took_us, context);
  if (of.error) return *of.error;
  if (!of.cancelled) return read_answer<T>(of.answer);
  return Error(ErrorCode::invalid_argument,
               "request " + std::to_string(of.request) + " of the cassette '" + order_.cassette().file +
                   "' was cancelled when it was recorded, so the rest of its answer is not known",
               "cancel it here too, or record it again to its end");
}

void ReplayedProvider::wait(Clock::time_point start, std::int64_t microseconds,
                            const CallContext& context) const {
  if (timing_ == ReplayConfig::Timing::none) return;
  std::mutex mutex;  // guards `cancelled`
  std::condition_variable changed;
  bool cancelled = false;
  const OnCancel on_cancel(context.cancellation, [&] {
    const std::lock_guard lock(mutex);
    cancelled = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait_until(lock, start + std::chrono::microseconds(microseconds), [&] { return cancelled; });
}

}  // namespace tachikoma::calls
