// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "calls/instance_keys.hpp"
#include "calls/replay_order.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/prompt_return.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::calls {

/// A provider that answers from a cassette, without a server. It offers what the recorded one offered of
/// `Question`, and nothing else: models are neither loaded nor unloaded. [thread-safe]
class ReplayedProvider final : public Provider,
                               public Embedder,
                               public ModelCatalog,
                               public PromptReturn,
                               public Tokenizer {
 public:
  /// `secrets` are hidden in the cassette.
  ReplayedProvider(Cassette cassette, const ReplayConfig& how, std::vector<std::string> secrets,
                   LogCallback log);
  /// Logs a warning about what was recorded and not asked.
  ~ReplayedProvider() override;

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override;
  void* capability(std::string_view id) override;

 private:
  using Clock = std::chrono::steady_clock;

  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override;
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  bool lists_every_model() const override { return head().lists_every_model; }
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override;
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override;

  const CassetteHead& head() const { return order_.cassette().head; }
  Result<const Interaction*> find(Question question, Value asked);
  template <class T>
  Result<T> answer(Question question, Value asked, const CallContext& context);
  template <class T>
  Result<T> end(const Interaction& of, Clock::time_point start, const CallContext& context) const;
  void wait(Clock::time_point start, std::int64_t microseconds, const CallContext& context) const;

  ReplayOrder order_;
  const ReplayConfig::Timing timing_;
  const std::vector<std::string> secrets_;
  const LogCallback log_;
  InstanceKeys keys_;
};

}  // namespace tachikoma::calls
