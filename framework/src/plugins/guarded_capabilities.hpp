// SPDX-License-Identifier: MIT
#pragma once

// Every capability of a component, behind the guard.

#include "plugins/guard.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::plugins {

class GuardedCatalog final : public ModelCatalog {
 public:
  GuardedCatalog(const Callee& who, ModelCatalog& inner) : who_(who), inner_(inner) {}
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override {
    return guarded(who_, "list_models", [&] { return inner_.list_models(context); });
  }

 private:
  const Callee& who_;
  ModelCatalog& inner_;
};

class GuardedHealth final : public HealthCheck {
 public:
  GuardedHealth(const Callee& who, HealthCheck& inner) : who_(who), inner_(inner) {}
  Result<Health> check_health(const CallContext& context) override {
    return guarded(who_, "check_health", [&] { return inner_.check_health(context); });
  }

 private:
  const Callee& who_;
  HealthCheck& inner_;
};

class GuardedEmbedder final : public Embedder {
 public:
  GuardedEmbedder(const Callee& who, Embedder& inner) : who_(who), inner_(inner) {}
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override {
    return guarded(who_, "embed", [&] { return inner_.embed(model, texts, context); });
  }

 private:
  const Callee& who_;
  Embedder& inner_;
};

class GuardedTokenizer final : public Tokenizer {
 public:
  GuardedTokenizer(const Callee& who, Tokenizer& inner) : who_(who), inner_(inner) {}
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override {
    return guarded(who_, "count_prompt_tokens", [&] { return inner_.count_prompt_tokens(request, context); });
  }
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override {
    return guarded(who_, "count_text_tokens", [&] { return inner_.count_text_tokens(model, text, context); });
  }

 private:
  const Callee& who_;
  Tokenizer& inner_;
};

/// `start` is the host's call and guarded; what comes back on the plugin's thread are the plugin's calls of
/// the host, into the sink that the host gave it.
class GuardedAsyncChat final : public AsyncChat {
 public:
  GuardedAsyncChat(const Callee& who, AsyncChat& inner) : who_(who), inner_(inner) {}
  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override {
    return guarded(who_, "start", [&] { return inner_.start(request, sink, context); });
  }

 private:
  const Callee& who_;
  AsyncChat& inner_;
};

class GuardedModelManager final : public ModelManager {
 public:
  GuardedModelManager(const Callee& who, ModelManager& inner) : who_(who), inner_(inner) {}
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
  bool loads_as_configured() const override {
    const auto ask = [&] { return Result<bool>(inner_.loads_as_configured()); };
    const Result<bool> answer = guarded(who_, "loads_as_configured", ask);
    return answer && *answer;
  }

 private:
  const Callee& who_;
  ModelManager& inner_;
};

class GuardedDownloader final : public ModelDownloader {
 public:
  GuardedDownloader(const Callee& who, ModelDownloader& inner) : who_(who), inner_(inner) {}
  Result<Downloaded> download(const DownloadRequest& request, DownloadSink& sink,
                              const CallContext& context) override {
    return guarded(who_, "download", [&] { return inner_.download(request, sink, context); });
  }

 private:
  const Callee& who_;
  ModelDownloader& inner_;
};

class GuardedSurvey final : public HardwareSurvey {
 public:
  GuardedSurvey(const Callee& who, HardwareSurvey& inner) : who_(who), inner_(inner) {}
  Result<Hardware> survey(const CallContext& context) override {
    return guarded(who_, "survey", [&] { return inner_.survey(context); });
  }

 private:
  const Callee& who_;
  HardwareSurvey& inner_;
};

class GuardedDiagnosis final : public SelfDiagnosis {
 public:
  GuardedDiagnosis(const Callee& who, SelfDiagnosis& inner) : who_(who), inner_(inner) {}
  Result<std::vector<Finding>> examine(const CallContext& context) override {
    return guarded(who_, "examine", [&] { return inner_.examine(context); });
  }

 private:
  const Callee& who_;
  SelfDiagnosis& inner_;
};

class GuardedServerLog final : public ServerLog {
 public:
  GuardedServerLog(const Callee& who, ServerLog& inner) : who_(who), inner_(inner) {}
  Status follow(ServerLogSink& sink, const CallContext& context) override {
    return guarded(who_, "follow", [&] { return inner_.follow(sink, context); });
  }

 private:
  const Callee& who_;
  ServerLog& inner_;
};

}  // namespace tachikoma::plugins
