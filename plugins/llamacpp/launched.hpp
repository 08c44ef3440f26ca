// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf.hpp"
#include "common/provider/llamacpp_token_count.hpp"
#include "llamacpp/engine.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/model_files.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma::llamacpp {

/// llama.cpp on this machine: a server process for each model in memory, started and ended by this provider.
class Launched final : public kit::TokenCountingProvider,
                       public ModelFiles,
                       public ModelManager,
                       public HardwareSurvey,
                       public SelfDiagnosis,
                       public ServerLog {
 public:
  Launched(Engine::Options options, kit::ServerAccess access, Host& host)
      : TokenCountingProvider(std::move(access), host), engine_(std::move(options), host) {}

  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  bool lists_every_model() const override { return true; }
  Result<Health> check_health(const CallContext& context) override;
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override;
  void* capability(std::string_view id) override;
  /// With any name: caches keep models under a hash. Whether it is a model shows when it is read.
  bool runs_file(std::string_view path) const override { return path.starts_with('/'); }

  Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink, const CallContext& context) override;
  Status unload(std::string_view instance, const CallContext& context) override;
  Result<std::vector<ModelStatus>> loaded(const CallContext& context) override;
  Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) override;
  bool owns_its_models() const override { return true; }

  Result<Hardware> survey(const CallContext& context) override;
  Result<std::vector<Finding>> examine(const CallContext& context) override;
  Status follow(ServerLogSink& sink, const CallContext& context) override;

 private:
  Result<std::shared_ptr<kit::HttpClient>> client_for(std::string_view model,
                                                      const CallContext& context) override;
  std::shared_ptr<kit::HttpClient> cached_client_for(std::string_view model) override;
  Result<kit::ChatForm> chat_form(const ChatRequest& request, const CallContext& context) override;
  kit::RequestFacts facts(const kit::HttpClient& client) const override;
  Error with_start_hint(Error error, const kit::HttpClient& client) override;
  ModelStatus status_of(Instance& instance, const CallContext& context);

  Engine engine_;
};

}  // namespace tachikoma::llamacpp
