// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/call_scope.hpp"
#include "common/chat_request_writer.hpp"
#include "common/http_client.hpp"
#include "common/server_error.hpp"
#include "common/server_settings.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::kit {

/// A provider for any server with an OpenAI-compatible API: chat, embeddings, the list of models and a health
/// check.
/// Derive from it and override what your server does otherwise. [thread-safe]
class OpenAiCompatibleProvider : public Provider, public ModelCatalog, public HealthCheck, public Embedder {
 public:
  OpenAiCompatibleProvider(ServerUrl url, ServerSettings settings, Host& host);

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override;
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  Result<Health> check_health(const CallContext& context) override;
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override;
  void* capability(std::string_view id) override {
    return capability_of<ModelCatalog, HealthCheck, Embedder>(this, id);
  }

 protected:
  /// For a server whose address is found later; override `client` then.
  OpenAiCompatibleProvider(ServerSettings settings, Host& host);

  /// The client of the server to talk to, now.
  virtual Result<std::shared_ptr<HttpClient>> client(const CallContext& context);
  /// The server could not be reached; a found address may be forgotten.
  virtual void on_unreachable() {}
  /// How the server takes `request`, or why it can't. May ask the server about the model, and wait for it.
  virtual Result<ChatForm> chat_form(const ChatRequest& request, const CallContext& context);
  /// Who the server is in messages, and how to start it.
  virtual RequestFacts facts(const HttpClient& client) const;

  std::shared_ptr<HttpClient> make_client(ServerUrl url) const;
  /// GETs a JSON document. A reply is good only with a 2xx status and no fault inside. Fails as the server
  /// says.
  Result<Value> get_json(HttpClient& client, std::string_view path, const CallScope& scope,
                         bool with_key = true);
  /// POSTs `body` about `model`, and takes the reply as `get_json` does.
  Result<Value> post_json(HttpClient& client, std::string_view path, std::string_view body,
                          std::string_view model, const CallScope& scope);
  /// As `get_json`, and tells what the reply's head said.
  Result<Document> get(HttpClient& client, std::string_view path, const CallScope& scope,
                       bool with_key = true);
  /// True when the server asks for a key, found out by asking without ours.
  Result<bool> needs_key(HttpClient& client, std::string_view path, const CallScope& scope);

  /// `error`, with the next step when it says that the server can't be reached.
  Error with_start_hint(Error error, const HttpClient& client);

  const ServerSettings& settings() const { return settings_; }
  Host& host() const { return host_; }

 private:
  Result<Document> ask(HttpClient& client, const HttpRequest& request, const RequestFacts& known,
                       const CallScope& scope);
  static Result<Value> read_json(const Document& reply, const HttpRequest& request,
                                 const RequestFacts& known);

  ServerSettings settings_;
  Host& host_;
  std::shared_ptr<HttpClient> client_;  // null when the address is found later
};

/// The factory of a provider that is constructed from (ServerUrl, ServerSettings, Host&).
template <class Implementation>
Result<std::unique_ptr<Provider>> make_server_provider(const Value& settings, Host& host) {
  Result<ServerSettings> read = ServerSettings::read(settings);
  if (!read) return std::move(read).error();
  Result<ServerUrl> url = parse_server_url(read->base_url);
  if (!url) return std::move(url).error();
  return std::unique_ptr<Provider>(std::make_unique<Implementation>(*std::move(url), *std::move(read), host));
}

}  // namespace tachikoma::kit
