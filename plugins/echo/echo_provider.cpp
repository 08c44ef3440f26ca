// SPDX-License-Identifier: MIT
#include "echo_provider.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/not_found.hpp"
#include "base/try.hpp"
#include "echo_reply.hpp"

namespace tachikoma::echo {
namespace {

/// Waits, until the call is cancelled.
class Pause {
 public:
  explicit Pause(Cancellation& cancellation) : cancellation_(cancellation), wake_(cancellation, Wake{this}) {}

  /// False when the call was cancelled.
  bool wait(std::chrono::milliseconds time) {
    if (time.count() == 0) return !cancellation_.requested();
    std::unique_lock lock(mutex_);
    return !woken_.wait_for(lock, time, [this] { return cancelled_; });
  }

 private:
  struct Wake {
    Pause* pause;
    void operator()() const {
      {
        const std::lock_guard lock(pause->mutex_);
        pause->cancelled_ = true;
      }
      pause->woken_.notify_all();
    }
  };

  std::mutex mutex_;  // guards `cancelled_`
  std::condition_variable woken_;
  bool cancelled_ = false;
  Cancellation& cancellation_;
  OnCancel<Wake> wake_;  // the last member: it may call back as soon as it is constructed
};

class EchoProvider final : public Provider,
                           public ModelCatalog,
                           public HealthCheck,
                           public Embedder,
                           public Tokenizer,
                           public PromptReturn {
 public:
  EchoProvider(const Value& settings, Host&)
      : delay_(settings["delay"].as_integer()), reasoning_(settings["reasoning"].as_string()) {
    for (const Value& model : settings["models"].elements()) models_.emplace_back(model.as_string());
    if (models_.empty()) models_ = {"echo-small", "echo-large"};
  }

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override {
    TACHIKOMA_TRY_STATUS(check_model(request.model));
    TACHIKOMA_TRY(Reply reply, plan_reply(request, reasoning_));

    ChatOutcome outcome{.finish = reply.finish, .usage = reply.usage, .served_model = request.model};
    outcome.extra = Value::object({{"token", "word"}});  // says what the usage counts
    Pause pause(context.cancellation);
    context.enter(Phase::waiting);
    for (const auto& [channel, pieces] :
         {std::pair{Channel::thinking, &reply.reasoning}, std::pair{Channel::final, &reply.answer}})
      for (const std::string& piece : *pieces) {
        if (!pause.wait(delay_)) return Error(ErrorCode::cancelled, "the echo was cancelled");
        if (sink.on_event({.channel = channel, .text = piece}) == Flow::stop) return outcome;
      }
    return outcome;
  }

  Result<std::vector<ModelInfo>> list_models(const CallContext&) override {
    std::vector<ModelInfo> list;
    for (const std::string& name : models_)
      list.push_back({.key = name,
                      .display_name = name,
                      .kind = ModelKind::llm,
                      .state = ModelState::loaded,
                      .instances = {{.id = name}}});
    return list;
  }

  Result<Health> check_health(const CallContext&) override {
    return Health{.server = "echo", .base_url = "builtin:echo"};
  }

  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext&) override {
    TACHIKOMA_TRY_STATUS(check_model(model));
    Embeddings embeddings{.usage = {.prompt_tokens = 0}, .served_model = std::string(model)};
    for (const std::string& text : texts) {
      embeddings.vectors.push_back(echo::embed(text));
      *embeddings.usage.prompt_tokens += static_cast<std::int64_t>(words(text).size());
    }
    return embeddings;
  }

  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext&) override {
    TACHIKOMA_TRY_STATUS(check_model(request.model));
    return count_prompt(request);
  }

  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext&) override {
    TACHIKOMA_TRY_STATUS(check_model(model));
    return static_cast<std::int64_t>(words(text).size());
  }

  void* capability(std::string_view id) override {
    return capability_of<ModelCatalog, HealthCheck, Embedder, Tokenizer, PromptReturn>(this, id);
  }

 private:
  Status check_model(std::string_view name) const {
    if (std::find(models_.begin(), models_.end(), name) != models_.end()) return Done{};
    return base::not_found(ErrorCode::model_not_found,
                           "provider 'echo' has no model '" + std::string(name) + "'", name, models_,
                           "list its models to see the available ones");
  }

  const std::chrono::milliseconds delay_;
  const std::string reasoning_;
  std::vector<std::string> models_;
};

}  // namespace

Result<std::unique_ptr<Provider>> make_provider(const Value& settings, Host& host) {
  return make_component<Provider, EchoProvider>(settings, host);
}

}  // namespace tachikoma::echo
