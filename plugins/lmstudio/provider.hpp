// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/openai_provider.hpp"

namespace tachikoma::lmstudio {

/// LM Studio over HTTP: generation on its OpenAI-compatible surface, models and identity on its own.
/// With base_url `auto` it is looked for on this machine at the first call, and again once it is gone.
class LmStudio final : public kit::OpenAiCompatibleProvider {
 public:
  static Result<std::unique_ptr<Provider>> make(const Value& settings, Host& host);

  LmStudio(kit::ServerUrl url, kit::ServerSettings settings, Host& host,
           std::optional<kit::LaunchSettings> launch = {})
      : OpenAiCompatibleProvider(std::move(url), std::move(settings), host, std::move(launch)) {}
  /// Looks for the server by itself.
  LmStudio(kit::ServerSettings settings, Host& host)
      : OpenAiCompatibleProvider(std::move(settings), host), automatic_(true) {}

  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  Result<Health> check_health(const CallContext& context) override;

 private:
  struct Listing {
    std::string_view api;
    std::string_view path;
    std::vector<ModelInfo> models;
  };

  Result<std::shared_ptr<kit::HttpClient>> client(const CallContext& context) override;
  std::shared_ptr<kit::HttpClient> client_at_hand() override;
  void on_unreachable() override;
  Result<kit::ChatForm> chat_form(const ChatRequest& request, const CallContext& context) override;
  bool chat_form_waits(const ChatRequest& request) const override;
  kit::RequestFacts facts(const kit::HttpClient& client) const override;

  struct Known {
    ModelInfo model;
    bool lists_reasoning;  ///< only the newest list says what efforts a model allows
  };

  /// What LM Studio says of a model; nothing when it does not answer soon, or does not list it.
  std::optional<Known> look_up(std::string_view model, const CallContext& context);
  std::shared_ptr<const Listing> fresh_listing(const CallContext& context);
  Result<Listing> list(kit::HttpClient& client, const kit::CallScope& scope);
  std::string read_version(kit::HttpClient& client, const kit::CallScope& scope);

  bool automatic_ = false;
  std::mutex mutex_;
  std::shared_ptr<kit::HttpClient> found_;
  std::shared_ptr<const Listing> listing_;  // the last one that `look_up` got
};

}  // namespace tachikoma::lmstudio
