// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
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
/// models and a health check. Derive from it and override what your server does differently. [thread-safe]
class OpenAiCompatibleProvider : public Provider,
                                 public AsyncChat,
                                 public ModelCatalog,
                                 public HealthCheck,
                                 public Embedder,
                                 public PromptReturn {
 public:
  /// With `launch`, the server is started by the first call that needs it.
  OpenAiCompatibleProvider(ServerUrl url, ServerAccess access, Host& host,
                           std::optional<LaunchSettings> launch = {});
  ~OpenAiCompatibleProvider() override;

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override;
  /// All calls run on one thread, which the first call starts.
  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override;
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override;
  /// Hosted services, proxies and servers behind them serve more than they list.
  bool lists_every_model() const override { return false; }
  Result<Health> check_health(const CallContext& context) override;
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override;
  void* capability(std::string_view id) override;

 protected:
  /// For a server whose address is found later; override `client` then.
  OpenAiCompatibleProvider(ServerAccess access, Host& host);

  /// The client of the server to use.
  virtual Result<std::shared_ptr<HttpClient>> client(const CallContext& context);
  /// The same without waiting: null if the server has to be searched for.
  virtual std::shared_ptr<HttpClient> cached_client();
  /// The client of the server that has this model, for an engine with a server for each.
  virtual Result<std::shared_ptr<HttpClient>> client_for(std::string_view model, const CallContext& context);
  virtual std::shared_ptr<HttpClient> cached_client_for(std::string_view model);
  /// The server could not be reached; a found address may be forgotten.
  virtual void on_unreachable() {}
  /// How to send `request` to the server, or why it can't be sent. May query the server about the model, and
  /// wait.
  virtual Result<ChatForm> chat_form(const ChatRequest& request, const CallContext& context);
  /// True if `chat_form` may wait.
  virtual bool chat_form_waits(const ChatRequest& request) const;
  /// Whether a reply that names the model `served` comes from `asked`, as far as that can be decided without
  /// waiting. By default it always does: most servers use their own names for models (llama.cpp's a
  /// file's, OpenAI's a dated one), and the reply has that name.
  virtual ServedModel judge_served(std::string_view asked, std::string_view served);
  /// The same if that is `unknown`; may query the server. If false, the call fails with
  /// `model_mismatch` before anything of the reply is passed on.
  virtual bool is_same_model(std::string_view asked, std::string_view served, const CallContext& context);
  /// The server's name and address for messages: views that live as long as `client`.
  virtual RequestFacts facts(const HttpClient& client) const;
  /// How to start the server; empty: unknown.
  virtual std::string start_hint(const HttpClient&) const { return {}; }

  std::shared_ptr<HttpClient> make_client(ServerUrl url) const;
  /// GETs a JSON document. A reply is accepted only with a 2xx status and no fault inside. Else fails with
  /// the server's error.
  Result<Value> get_json(HttpClient& client, std::string_view path, const CallScope& scope,
                         bool with_key = true);
  /// POSTs `body` about `model`, and treats the reply as `get_json` does.
  Result<Value> post_json(HttpClient& client, std::string_view path, std::string_view body,
                          std::string_view model, const CallScope& scope);
  /// As `get_json`, and returns the head of the reply too.
  Result<Document> get(HttpClient& client, std::string_view path, const CallScope& scope,
                       bool with_key = true);
  /// True if the server requires a key, tested with a request without ours.
  Result<bool> needs_key(HttpClient& client, std::string_view path, const CallScope& scope);

  /// `error`, with a hint added if the server can't be reached.
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
    const ChatRequest* request = nullptr;
    std::string body;
    std::vector<std::string> notices;
    bool with_stream_options = true;
    bool renames_max_tokens = false;
    bool with_reasoning = false;
  };
  class AsyncCall;
  class AsyncCalls;
  class Preparer;

  /// `unknown` only if the call was cancelled meanwhile.
  ServedModel judge_and_wait(std::string_view asked, std::string_view served, const CallContext& context);
  Result<WrittenChat> write_chat(const ChatRequest& request, const CallContext& context);
  Result<ChatOutcome> chat_once(HttpClient& server, const WrittenChat& chat, ChatSink& sink,
                                const CallContext& context);
  static Status send_notices(const WrittenChat& chat, ChatSink& sink);
  /// If `failure` means that the server refuses a field that we chose, not the application: from now on it is
  /// asked without. Returns the notice for the call, which is to be made again.
  std::optional<std::string> adapt(const Error& failure, const WrittenChat& chat);
  /// The member that had the reasoning of a reply takes it back with the calls that it led to.
  void note_thinking_field(std::string_view field);
  ChatFacts chat_facts(const HttpClient& client, const WrittenChat& chat);
  static HttpRequest chat_post(const HttpClient& client, const WrittenChat& chat);
  Result<AsyncCalls*> async_calls();

  ServerAccess access_;
  Host& host_;
  std::shared_ptr<HttpClient> client_;  // null when the address is found later
  std::unique_ptr<LaunchedServer> launched_;
  ChunkReaders readers_;
  std::atomic<bool> refuses_stream_options_ = false;
  std::atomic<bool> renames_max_tokens_ = false;
  std::atomic<bool> refuses_reasoning_ = false;
  std::atomic<bool> says_reasoning_content_ = false;  // else `reasoning`
  std::atomic<bool> reasons_ = false;                 // in a member of its own
  std::mutex async_mutex_;                            // guards what follows
  std::unique_ptr<AsyncCalls> async_calls_;           // once one is started
};

/// The factory of a provider that is constructed from (ServerUrl, ServerAccess, Host&, optional
/// LaunchSettings). `path` is what the path of its `base_url` means.
template <class Implementation, UrlPath path = UrlPath::api>
Result<std::unique_ptr<Provider>> make_server_provider(const Value& settings, Host& host) {
  TACHIKOMA_TRY(ServerSettings read, ServerSettings::read(settings));
  TACHIKOMA_TRY(ServerUrl url, parse_server_url(read.base_url, path));
  TACHIKOMA_TRY(std::optional<LaunchSettings> launch, LaunchSettings::read(settings["launch"]));
  return std::unique_ptr<Provider>(
      std::make_unique<Implementation>(std::move(url), std::move(read.access), host, std::move(launch)));
}

}  // namespace tachikoma::kit
