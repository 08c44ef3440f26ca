// SPDX-License-Identifier: MIT
#pragma once

// Every capability of a component, behind the guard: a class and a row of the table at the end for each.

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/secrets.hpp"
#include "plugins/guard.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::plugins {

/// Passes an event on; a notice may repeat what a server said.
inline Flow pass_notice(const Callee& who, ChatSink& sink, const ChatEvent& event) {
  if (who.secrets.empty()) return sink.on_event(event);
  const std::string text = base::without_secrets(std::string(event.text), who.secrets);
  ChatEvent shown = event;
  shown.text = text;
  return sink.on_event(shown);
}
inline Flow pass_event(const Callee& who, ChatSink& sink, const ChatEvent& event) {
  return event.kind == ChatEvent::Kind::notice ? pass_notice(who, sink, event) : sink.on_event(event);
}

template <class Capability>
class GuardedCapability : public Capability {
 public:
  using Interface = Capability;
  GuardedCapability(const Callee& who, Interface& inner) : who_(who), inner_(inner) {}

 protected:
  ~GuardedCapability() = default;

  const Callee& who_;
  Interface& inner_;
};

class GuardedCatalog final : public GuardedCapability<ModelCatalog> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override {
    return guarded(who_, "list_models", [&] { return inner_.list_models(context); });
  }
  bool lists_every_model() const override {
    const auto ask = [&] { return Result<bool>(inner_.lists_every_model()); };
    const Result<bool> answer = guarded(who_, "lists_every_model", ask);
    return answer && *answer;
  }
};

class GuardedHealth final : public GuardedCapability<HealthCheck> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<Health> check_health(const CallContext& context) override {
    return guarded(who_, "check_health", [&] { return inner_.check_health(context); });
  }
};

class GuardedEmbedder final : public GuardedCapability<Embedder> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override {
    return guarded(who_, "embed", [&] { return inner_.embed(model, texts, context); });
  }
};

class GuardedTokenizer final : public GuardedCapability<Tokenizer> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override {
    return guarded(who_, "count_prompt_tokens", [&] { return inner_.count_prompt_tokens(request, context); });
  }
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override {
    return guarded(who_, "count_text_tokens", [&] { return inner_.count_text_tokens(model, text, context); });
  }
};

/// `start` is the host's call and guarded; the plugin's thread then makes calls into
/// the host, through a sink that judges how the call ends.
class GuardedAsyncChat final : public GuardedCapability<AsyncChat> {
 public:
  using GuardedCapability::GuardedCapability;
  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override {
    const auto judge = std::make_shared<JudgingSink>(who_, sink);
    judge->keep(judge);
    Status started = guarded(who_, "start", [&] { return inner_.start(request, *judge, context); });
    if (!started) judge->keep(nullptr);
    return started;
  }

 private:
  class JudgingSink final : public AsyncChatSink {
   public:
    JudgingSink(const Callee& who, AsyncChatSink& sink) : who_(who), sink_(sink) {}

    /// It keeps itself until the call has ended.
    void keep(std::shared_ptr<JudgingSink> self) { self_ = std::move(self); }
    Flow on_event(const ChatEvent& event) override { return pass_event(who_, sink_, event); }
    void on_end(Result<ChatOutcome> outcome) override {
      const std::shared_ptr<JudgingSink> self = std::move(self_);
      sink_.on_end(judged(who_, "chat", std::move(outcome)));
    }

   private:
    const Callee& who_;
    AsyncChatSink& sink_;
    std::shared_ptr<JudgingSink> self_;
  };
};

class GuardedModelManager final : public GuardedCapability<ModelManager> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink, const CallContext& context) override {
    return guarded(who_, "load", [&] { return inner_.load(request, sink, context); });
  }
  Status unload(std::string_view instance, const CallContext& context) override {
    return guarded(who_, "unload", [&] { return inner_.unload(instance, context); });
  }
  Result<std::vector<ModelStatus>> loaded(const CallContext& context) override {
    return guarded(who_, "loaded", [&] { return inner_.loaded(context); });
  }
  Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) override {
    return guarded(who_, "estimate", [&] { return inner_.estimate(request, context); });
  }
  bool owns_its_models() const override {
    const auto ask = [&] { return Result<bool>(inner_.owns_its_models()); };
    const Result<bool> answer = guarded(who_, "owns_its_models", ask);
    return answer && *answer;
  }
  Result<bool> applies_settings(const CallContext& context) override {
    return guarded(who_, "applies_settings", [&] { return inner_.applies_settings(context); });
  }
};

class GuardedModelFiles final : public GuardedCapability<ModelFiles> {
 public:
  using GuardedCapability::GuardedCapability;
  bool runs_file(std::string_view path) const override {
    const auto ask = [&] { return Result<bool>(inner_.runs_file(path)); };
    const Result<bool> answer = guarded(who_, "runs_file", ask);
    return answer && *answer;
  }
};

class GuardedDownloader final : public GuardedCapability<ModelDownloader> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<Downloaded> download(const DownloadRequest& request, DownloadSink& sink,
                              const CallContext& context) override {
    return guarded(who_, "download", [&] { return inner_.download(request, sink, context); });
  }
};

class GuardedSurvey final : public GuardedCapability<HardwareSurvey> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<Hardware> survey(const CallContext& context) override {
    return guarded(who_, "survey", [&] { return inner_.survey(context); });
  }
};

class GuardedDiagnosis final : public GuardedCapability<SelfDiagnosis> {
 public:
  using GuardedCapability::GuardedCapability;
  Result<std::vector<Finding>> examine(const CallContext& context) override {
    auto findings = guarded(who_, "examine", [&] { return inner_.examine(context); });
    if (findings && !who_.secrets.empty())
      for (Finding& each : *findings)
        for (std::string* text : {&each.title, &each.evidence, &each.fix})
          *text = base::without_secrets(std::move(*text), who_.secrets);
    return findings;
  }
};

class GuardedServerLog final : public GuardedCapability<ServerLog> {
 public:
  using GuardedCapability::GuardedCapability;
  Status follow(ServerLogSink& sink, const CallContext& context) override {
    Lines lines(who_, sink);
    return guarded(who_, "follow", [&] { return inner_.follow(lines, context); });
  }

 private:
  class Lines final : public ServerLogSink {
   public:
    Lines(const Callee& who, ServerLogSink& sink) : who_(who), sink_(sink) {}
    Flow on_line(Severity severity, std::string_view text) override {
      return sink_.on_line(known(severity), base::without_secrets(std::string(text), who_.secrets));
    }

   private:
    const Callee& who_;
    ServerLogSink& sink_;
  };
};

/// A promise, without calls.
class GuardedPromptReturn final : public GuardedCapability<PromptReturn> {
 public:
  using GuardedCapability::GuardedCapability;
};

/// The capabilities that cross the boundary; each is empty if the component does not offer it.
using GuardedCapabilities = std::tuple<
    std::optional<GuardedCatalog>, std::optional<GuardedHealth>, std::optional<GuardedEmbedder>,
    std::optional<GuardedTokenizer>, std::optional<GuardedAsyncChat>, std::optional<GuardedModelFiles>,
    std::optional<GuardedModelManager>, std::optional<GuardedDownloader>, std::optional<GuardedSurvey>,
    std::optional<GuardedDiagnosis>, std::optional<GuardedServerLog>, std::optional<GuardedPromptReturn>>;

}  // namespace tachikoma::plugins
