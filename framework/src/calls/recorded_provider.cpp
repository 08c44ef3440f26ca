// SPDX-License-Identifier: MIT
#include "calls/recorded_provider.hpp"

#include <chrono>
#include <utility>

#include "base/try.hpp"
#include "calls/instance_keys.hpp"

namespace tachikoma::calls {
namespace {

template <class Interface>
Interface* offered(Provider& provider) {
  return static_cast<Interface*>(provider.capability(Interface::kId));
}

}  // namespace

CassetteHead head_of(Provider& provider, std::string id, std::string plugin) {
  const ModelCatalog* const catalog = offered<ModelCatalog>(provider);
  return {.provider = std::move(id),
          .plugin = std::move(plugin),
          .lists_models = catalog != nullptr,
          .lists_every_model = catalog && catalog->lists_every_model(),
          .embeds = offered<Embedder>(provider) != nullptr,
          .counts_tokens = offered<Tokenizer>(provider) != nullptr};
}

/// One request, from its beginning to its end. Used by one thread at a time.
class RecordedProvider::Recording {
 public:
  Recording(Interaction begun, std::shared_ptr<CassetteWriter> writer, bool refuses)
      : interaction_(std::move(begun)), writer_(std::move(writer)), refuses_(refuses) {}

  void note(const ChatEvent& event) { interaction_.events.push_back(RecordedEvent::of(event, time())); }

  /// The answer; or why it could not be recorded: a recording with a gap is none.
  template <class T>
  Result<T> end(Result<T> answer, bool cancelled) {
    // the host loads the model then, and asks again
    if (refuses_ && !answer && answer.error().code == ErrorCode::model_not_found &&
        interaction_.events.empty())
      return answer;
    interaction_.took_us = time().count();
    interaction_.cancelled = cancelled;
    if (!cancelled && answer) interaction_.answer = answer_form(*answer);
    if (!cancelled && !answer) interaction_.error = answer.error();
    TACHIKOMA_TRY_STATUS(writer_->add(std::move(interaction_)));
    return answer;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::chrono::microseconds time() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_);
  }

  const Clock::time_point start_ = Clock::now();
  Interaction interaction_;
  std::shared_ptr<CassetteWriter> writer_;
  bool refuses_;  // what is not in memory
};

class RecordedProvider::RecordingSink final : public ChatSink {
 public:
  RecordingSink(Recording& recording, ChatSink& sink) : recording_(recording), sink_(sink) {}

  Flow on_event(const ChatEvent& event) override {
    recording_.note(event);
    const Flow flow = sink_.on_event(event);
    stopped_ = stopped_ || flow == Flow::stop;
    return flow;
  }
  void on_pause() override { sink_.on_pause(); }
  bool stopped() const { return stopped_; }

 private:
  Recording& recording_;
  ChatSink& sink_;
  bool stopped_ = false;
};

/// An asynchronous call; it keeps itself until the call has ended.
class RecordedProvider::StartedRecording final : public AsyncChatSink {
 public:
  StartedRecording(Recording recording, AsyncChatSink& sink, const CallContext& context)
      : recording_(std::move(recording)), sink_(sink), context_(context) {}

  void keep(std::shared_ptr<StartedRecording> self) { self_ = std::move(self); }
  Flow on_event(const ChatEvent& event) override { return recorded_.on_event(event); }
  void on_pause() override { sink_.on_pause(); }
  void on_end(Result<ChatOutcome> outcome) override {
    const std::shared_ptr<StartedRecording> self = std::move(self_);
    const bool cancelled = recorded_.stopped() || context_.cancellation.requested();
    sink_.on_end(recording_.end(std::move(outcome), cancelled));
  }
  /// Nothing was started.
  Status failed(Status why) {
    self_.reset();
    return recording_.end(Result<ChatOutcome>(std::move(why).error()), context_.cancellation.requested())
        .error();
  }

 private:
  Recording recording_;
  AsyncChatSink& sink_;
  const CallContext context_;
  RecordingSink recorded_{recording_, sink_};
  std::shared_ptr<StartedRecording> self_;
};

RecordedProvider::RecordedProvider(std::shared_ptr<Provider> inner, std::shared_ptr<CassetteWriter> writer)
    : inner_(std::move(inner)),
      writer_(std::move(writer)),
      keys_(std::make_unique<InstanceKeys>()),
      async_(offered<AsyncChat>(*inner_)),
      embedder_(offered<Embedder>(*inner_)),
      catalog_(offered<ModelCatalog>(*inner_)),
      manager_(offered<ModelManager>(*inner_)),
      tokenizer_(offered<Tokenizer>(*inner_)),
      owns_its_models_(manager_ && manager_->owns_its_models()) {}

RecordedProvider::~RecordedProvider() = default;

void* RecordedProvider::capability(std::string_view id) {
  void* const offered = inner_->capability(id);
  if (!offered) return nullptr;
  void* const recorded = capability_of<AsyncChat, Embedder, ModelCatalog, ModelManager, Tokenizer>(this, id);
  return recorded ? recorded : offered;
}

RecordedProvider::Recording RecordedProvider::begin(Question question, Value asked) const {
  if (Value* const model = asked.find("model")) *model = keys_->key_of(model->as_string());
  return {{.request = writer_->next_request(), .question = question, .asked = std::move(asked)},
          writer_,
          owns_its_models_};
}

Result<ChatOutcome> RecordedProvider::chat(const ChatRequest& request, ChatSink& sink,
                                           const CallContext& context) {
  Recording recording = begin(Question::chat, asked(request));
  RecordingSink recorded(recording, sink);
  Result<ChatOutcome> outcome = inner_->chat(request, recorded, context);
  return recording.end(std::move(outcome), recorded.stopped() || context.cancellation.requested());
}

Status RecordedProvider::start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) {
  const auto started =
      std::make_shared<StartedRecording>(begin(Question::chat, asked(request)), sink, context);
  started->keep(started);
  Status status = async_->start(request, *started, context);
  return status ? std::move(status) : started->failed(std::move(status));
}

Result<Embeddings> RecordedProvider::embed(std::string_view model, std::span<const std::string> texts,
                                           const CallContext& context) {
  Recording recording = begin(Question::embed, asked(model, texts));
  Result<Embeddings> embeddings = embedder_->embed(model, texts, context);
  return recording.end(std::move(embeddings), context.cancellation.requested());
}

Result<std::vector<ModelInfo>> RecordedProvider::list_models(const CallContext& context) {
  Recording recording = begin(Question::list_models, Value::object());
  Result<std::vector<ModelInfo>> models = catalog_->list_models(context);
  if (models) keys_->add(*models);
  return recording.end(std::move(models), context.cancellation.requested());
}

Result<std::int64_t> RecordedProvider::count_prompt_tokens(const ChatRequest& request,
                                                           const CallContext& context) {
  Recording recording = begin(Question::count_prompt_tokens, asked(request));
  return recording.end(tokenizer_->count_prompt_tokens(request, context), context.cancellation.requested());
}

Result<std::int64_t> RecordedProvider::count_text_tokens(std::string_view model, std::string_view text,
                                                         const CallContext& context) {
  Recording recording = begin(Question::count_text_tokens, asked(model, text));
  return recording.end(tokenizer_->count_text_tokens(model, text, context), context.cancellation.requested());
}

Result<LoadedModel> RecordedProvider::load(const LoadRequest& request, LoadSink& sink,
                                           const CallContext& context) {
  Result<LoadedModel> model = manager_->load(request, sink, context);
  if (model) keys_->add(model->instance, request.key);
  return model;
}

Result<std::vector<ModelStatus>> RecordedProvider::loaded(const CallContext& context) {
  Result<std::vector<ModelStatus>> models = manager_->loaded(context);
  if (models)
    for (const ModelStatus& each : *models) keys_->add(each.instance, each.key);
  return models;
}

}  // namespace tachikoma::calls
