// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "common/provider/llamacpp_token_count.hpp"
#include "llamacpp/router.hpp"
#include "llamacpp/server_status.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma::llamacpp {

/// A llama.cpp server that was started elsewhere: with one model, or a router that starts a server for each.
class Attached final : public kit::TokenCountingProvider,
                       public ModelManager,
                       public HardwareSurvey,
                       public SelfDiagnosis,
                       public ServerLog {
 public:
  using TokenCountingProvider::TokenCountingProvider;

  Result<Health> check_health(const CallContext& context) override;
  void* capability(std::string_view id) override;
  bool lists_every_model() const override { return true; }

  /// A router starts a model with its own settings: those that differ from the request are listed as
  /// unapplied.
  Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink, const CallContext& context) override;
  Status unload(std::string_view instance, const CallContext& context) override;
  Result<std::vector<ModelStatus>> loaded(const CallContext& context) override;
  Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) override;
  Result<bool> applies_settings(const CallContext& context) override;

  Result<Hardware> survey(const CallContext& context) override;
  Result<std::vector<Finding>> examine(const CallContext& context) override;
  /// Always `unsupported`: a server that was started elsewhere writes its log there.
  Status follow(ServerLogSink& sink, const CallContext& context) override;

 private:
  Result<kit::ChatForm> chat_form(const ChatRequest& request, const CallContext& context) override;
  kit::RequestFacts facts(const kit::HttpClient& client) const override;
  std::string start_hint(const kit::HttpClient& client) const override;
  Result<Value> read_own_props(kit::HttpClient& client, const kit::CallScope& scope);
  Status check_router(kit::HttpClient& client, const kit::CallScope& scope);
  RouterRequests requests_about(kit::HttpClient& client, std::string_view key);
  ModelStatus status_of(kit::HttpClient& client, std::string_view key, Sleeper sleeper,
                        const kit::CallScope& scope);
};

}  // namespace tachikoma::llamacpp
