// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/provider/openai_provider.hpp"
#include "lmstudio/downloader.hpp"
#include "lmstudio/hardware.hpp"
#include "lmstudio/locator.hpp"
#include "lmstudio/model_manager.hpp"
#include "lmstudio/studio.hpp"
#include "lmstudio/tokens.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma::lmstudio {

/// LM Studio: generation over its OpenAI-compatible API; models, memory and identity over its own APIs, HTTP
/// and WebSocket. With base_url `auto` this machine is searched for it by the first call, and again once it
/// is gone.
class LmStudio final : public kit::OpenAiCompatibleProvider,
                       public SelfDiagnosis,
                       public ServerLog,
                       public Studio {
 public:
  static Result<std::unique_ptr<Provider>> make(const Value& settings, Host& host);

  LmStudio(Place place, kit::ServerAccess access, Host& host)
      : OpenAiCompatibleProvider(access, host), locator_(std::move(place), std::move(access), host) {}
  /// Starts it with a command, at the URL of `place`.
  LmStudio(Place place, kit::ServerAccess access, Host& host, kit::LaunchSettings launch)
      : OpenAiCompatibleProvider(*place.url, access, host, std::move(launch)),
        locator_(std::move(place), std::move(access), host),
        launched_(true) {}

  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  bool lists_every_model() const override { return true; }
  Result<Health> check_health(const CallContext& context) override;
  Result<std::vector<Finding>> examine(const CallContext& context) override;
  Status follow(ServerLogSink& sink, const CallContext& context) override;
  void* capability(std::string_view id) override;

  Result<std::shared_ptr<kit::HttpClient>> http(const CallContext& context) override {
    return client(context);
  }
  Result<std::shared_ptr<SdkClient>> sdk(const CallContext& context) override;
  Result<std::vector<ModelInfo>> models(const CallContext& context) override { return list_models(context); }
  Result<Value> get(std::string_view path, const CallContext& context) override;
  Result<Value> post(std::string_view path, const Value& body, std::string_view model,
                     const CallContext& context) override;
  bool local() const override { return locator_.local(); }
  Host& log() override { return host(); }

 private:
  struct Listing {
    std::string_view api;
    std::string_view path;
    std::vector<ModelInfo> models;
  };

  Result<std::shared_ptr<kit::HttpClient>> client(const CallContext& context) override;
  std::shared_ptr<kit::HttpClient> cached_client() override;
  void on_unreachable() override;
  Result<kit::ChatForm> chat_form(const ChatRequest& request, const CallContext& context) override;
  bool chat_form_waits(const ChatRequest& request) const override;
  /// LM Studio answers for an unknown name with the one model in memory.
  kit::ServedModel judge_served(std::string_view asked, std::string_view served) override;
  bool is_same_model(std::string_view asked, std::string_view served, const CallContext& context) override;
  kit::RequestFacts facts(const kit::HttpClient& client) const override;
  std::string start_hint(const kit::HttpClient& client) const override;

  struct Known {
    ModelInfo model;
    bool lists_reasoning;  ///< only the newest list has the efforts that a model accepts
  };

  /// LM Studio's information on a model; nullopt if it does not answer soon, or does not list it.
  std::optional<Known> look_up(std::string_view model, const CallContext& context);
  std::shared_ptr<const Listing> last_listing() const;
  std::shared_ptr<const Listing> fresh_listing(const CallContext& context);
  Result<Listing> list(kit::HttpClient& client, const kit::CallScope& scope);
  std::string read_version(kit::HttpClient& client, const CallContext& context);

  Locator locator_;
  bool launched_ = false;
  std::atomic<bool> is_known_ = false;      // what `launch` started has shown that it is LM Studio
  mutable std::mutex mutex_;                // guards `listing_`
  std::shared_ptr<const Listing> listing_;  // the last one that `look_up` got
  StudioModels manager_{*this};
  StudioDownloads downloads_{*this};
  StudioHardware hardware_{*this};
  StudioTokens tokens_{*this};
};

}  // namespace tachikoma::lmstudio
