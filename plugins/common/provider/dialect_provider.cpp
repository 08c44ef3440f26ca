// SPDX-License-Identifier: MIT
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/provider/llamacpp_token_count.hpp"
#include "tachikoma/provider_kit/openai_provider.hpp"

namespace tachikoma::kit {
namespace {

using provider_kit::OpenAiDialect;

class DialectProvider final : public TokenCountingProvider {
 public:
  DialectProvider(ServerUrl url, ServerAccess access, Host& host, std::optional<LaunchSettings> launch,
                  std::unique_ptr<OpenAiDialect> dialect)
      : TokenCountingProvider(std::move(url), std::move(access), host, std::move(launch)),
        dialect_(std::move(dialect)) {}

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override {
    TACHIKOMA_TRY(const ChatRequest prepared, prepared_copy(request));
    return TokenCountingProvider::chat(prepared, sink, context);
  }
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override {
    TACHIKOMA_TRY(const ChatRequest prepared, prepared_copy(request));
    return TokenCountingProvider::count_prompt_tokens(prepared, context);
  }
  // an asynchronous call would refer to a copy of which nobody knows when it ends
  void* capability(std::string_view id) override {
    return id == AsyncChat::kId ? nullptr : TokenCountingProvider::capability(id);
  }

 protected:
  std::string start_hint(const HttpClient& client) const override {
    std::string hint = dialect_->start_hint();
    return hint.empty() ? TokenCountingProvider::start_hint(client) : hint;
  }

 private:
  Result<ChatRequest> prepared_copy(const ChatRequest& request) const {
    ChatRequest copy = request;
    TACHIKOMA_TRY_STATUS(dialect_->prepare(copy));
    return copy;
  }

  const std::unique_ptr<OpenAiDialect> dialect_;
};

class PlainProvider final : public TokenCountingProvider {
 public:
  using TokenCountingProvider::TokenCountingProvider;
};

}  // namespace
}  // namespace tachikoma::kit

namespace tachikoma::provider_kit {

Result<std::unique_ptr<Provider>> make_openai_provider(const Value& settings, Host& host,
                                                       std::unique_ptr<OpenAiDialect> dialect) {
  if (!dialect) return kit::make_server_provider<kit::PlainProvider>(settings, host);
  TACHIKOMA_TRY(kit::ServerSettings read, kit::ServerSettings::read(settings));
  TACHIKOMA_TRY(kit::ServerUrl url, kit::parse_server_url(read.base_url, kit::UrlPath::api));
  TACHIKOMA_TRY(std::optional<kit::LaunchSettings> launch, kit::LaunchSettings::read(settings["launch"]));
  return std::unique_ptr<Provider>(std::make_unique<kit::DialectProvider>(
      std::move(url), std::move(read.access), host, std::move(launch), std::move(dialect)));
}

}  // namespace tachikoma::provider_kit
