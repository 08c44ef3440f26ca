// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "calls/cassette.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma::calls {

class InstanceKeys;

/// What the head of its cassette says of a provider.
CassetteHead head_of(Provider& provider, std::string id, std::string plugin);

/// A provider that writes to a cassette what it is asked and answers. It offers what the provider itself
/// offers: the questions of `Question` are recorded, everything else is passed on. [thread-safe]
class RecordedProvider final : public Provider,
                               public AsyncChat,
                               public Embedder,
                               public ModelCatalog,
                               public ModelManager,
                               public Tokenizer {
 public:
  RecordedProvider(std::shared_ptr<Provider> inner, std::shared_ptr<CassetteWriter> writer);
  ~RecordedProvider() override;

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override;
  void* capability(std::string_view id) override;

 private:
  class Recording;
  class RecordingSink;
  class StartedRecording;

  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override;
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override;
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  bool lists_every_model() const override { return catalog_->lists_every_model(); }
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override;
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override;
  Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink, const CallContext& context) override;
  Status unload(std::string_view instance, const CallContext& context) override {
    return manager_->unload(instance, context);
  }
  Result<std::vector<ModelStatus>> loaded(const CallContext& context) override;
  Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) override {
    return manager_->estimate(request, context);
  }
  bool owns_its_models() const override { return manager_->owns_its_models(); }
  Result<bool> applies_settings(const CallContext& context) override {
    return manager_->applies_settings(context);
  }

  Recording begin(Question question, Value asked) const;

  const std::shared_ptr<Provider> inner_;
  const std::shared_ptr<CassetteWriter> writer_;
  const std::unique_ptr<InstanceKeys> keys_;
  // what the provider offers; null: not that
  AsyncChat* const async_;
  Embedder* const embedder_;
  ModelCatalog* const catalog_;
  ModelManager* const manager_;
  Tokenizer* const tokenizer_;
  const bool owns_its_models_;
};

}  // namespace tachikoma::calls
