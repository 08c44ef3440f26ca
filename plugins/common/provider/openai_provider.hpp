// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/try.hpp"
#include "common/chat/chat_facts.hpp"
#include "common/chat/chat_request_writer.hpp"
#include "common/errors/server_error.hpp"
#include "common/http/http_client.hpp"
#include "common/http/server_access.hpp"
#include "common/launch/launched_server.hpp"
#include "common/net/call_scope.hpp"
#include "common/provider/server_settings.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::kit {

/// A provider for any server with an OpenAI-compatible API: chat, waiting and not, embeddings, the list of
/// models and a health check. Derive from it and override what your server does otherwise. [thread-safe]
class OpenAiCompatibleProvider : public Provider,
                                 public AsyncChat,
                                 public ModelCatalog,
                                 public HealthCheck,
                                 public Embedder {
 public:
  /// With `launch`, the server is brought up at the first call that needs it.
  OpenAiCompatibleProvider(ServerUrl url, ServerAccess access, Host& host,
                           std::optional<LaunchSettings> launch = {});
  ~OpenAiCompatibleProvider() override;

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override;
  /// On one thread for all calls, which the first starts.
  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override;
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  Result<Health> check_health(const CallContext& context) override;
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override;
  void* capability(std::string_view id) override;

 protected:
  /// For a server whose address is found later; override `client` then.
  OpenAiCompatibleProvider(ServerAccess access, Host& host);

  /// The client of the server to talk to, now.
  virtual Result<std::shared_ptr<HttpClient>> client(const CallContext& context);
  /// The same without waiting: null when it has to be looked for.
  virtual std::shared_ptr<HttpClient> cached_client();
  /// The client of the server that has this model, for an engine with a server for each.
  virtual Result<std::shared_ptr<HttpClient>> client_for(std::string_view model, const CallContext& context);
  virtual std::shared_ptr<HttpClient> cached_client_for(std::string_view model);
  /// The server could not be reached; a found address may be forgotten.
  virtual void on_unreachable() {}
  /// How the server takes `request`, or why it can't. May ask the server about the model, and wait for it.
  virtual Result<ChatForm> chat_form(const ChatRequest& request, const CallContext& context);
  /// True when `chat_form` may wait for that.
  virtual bool chat_form_waits(const ChatRequest& request) const;
  /// Whether a reply that names the model `served` is one of `asked`, as far as that can be said without
  /// waiting. Here it always is: most servers give their models names of their own (llama.cpp's that of a
  /// file, OpenAI's a dated one), and the reply tells the name.
  virtual ServedModel judge_served(std::string_view asked, std::string_view served);
  /// The same where that is `unknown`; may ask the server. When it is false, the call fails with
  /// `model_mismatch` before anything of the reply is told.
  virtual bool is_same_model(std::string_view asked, std::string_view served, const CallContext& context);
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
  virtual Error with_start_hint(Error error, const HttpClient& client);

  const ServerAccess& access() const { return access_; }
  Host& host() const { return host_; }

 private:
  Result<Document> ask(HttpClient& client, const HttpRequest& request, const RequestFacts& known,
                       const CallScope& scope);
  static Result<Value> read_json(const Document& reply, const HttpRequest& request,
                                 const RequestFacts& known);

  /// A chat request as it is sent.
  struct WrittenChat {
    std::string model;
    std::string body;
    std::vector<std::string> notices;
    bool tools_offered = false;
  };
  class AsyncCall;
  class AsyncCalls;
  class Preparer;

  /// `unknown` only when the call was cancelled meanwhile.
  ServedModel judge_and_wait(std::string_view asked, std::string_view served, const CallContext& context);
  Result<WrittenChat> write_chat(const ChatRequest& request, const CallContext& context);
  static Status tell_notices(const WrittenChat& chat, ChatSink& sink);
  ChatFacts chat_facts(const HttpClient& client, const WrittenChat& chat);
  static HttpRequest chat_post(const WrittenChat& chat);
  Result<AsyncCalls*> async_calls();

  ServerAccess access_;
  Host& host_;
  std::shared_ptr<HttpClient> client_;  // null when the address is found later
  std::unique_ptr<LaunchedServer> launched_;
  std::mutex async_mutex_;                   // guards what follows
  std::unique_ptr<AsyncCalls> async_calls_;  // once one is started
};

/// The factory of a provider that is constructed from (ServerUrl, ServerAccess, Host&, optional
/// LaunchSettings).
template <class Implementation>
Result<std::unique_ptr<Provider>> make_server_provider(const Value& settings, Host& host) {
  TACHIKOMA_TRY(ServerSettings read, ServerSettings::read(settings));
  TACHIKOMA_TRY(ServerUrl url, parse_server_url(read.base_url));
  TACHIKOMA_TRY(std::optional<LaunchSettings> launch, LaunchSettings::read(settings["launch"]));
  return std::unique_ptr<Provider>(
      std::make_unique<Implementation>(std::move(url), std::move(read.access), host, std::move(launch)));
}

}  // namespace tachikoma::kit
